import pytest

from students.rules import names


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  邵宇涛\u3000", "邵宇涛"), ("王　伟", "王伟"), ("李\u200b娜", "李娜"), ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"), ("阿依古丽. 买买提", "阿依古丽·买买提"), ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("𬭎㛃䶮", "𬭎㛃䶮"), ("卓玛 央金", "卓玛央金"), ("Anna  Maria", "Anna Maria"), ("", ""), ("'张三", "张三"), ("髙山", "髙山"),
        ("·", ""),
    ],
)  # fmt: skip
def test_shown_name(raw, shown):
    assert names.clean_name(raw) == shown
    assert names.clean_name(shown) == shown


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("邵宇涛\u3000", "邵宇涛", True), ("阿依古丽·买买提", "阿依古丽买买提", True), ("阿依古丽．买买提", "阿依古丽•买买提", True),
        ("ＡＮＮＡ Lee", "annalee", True), ("葛\U000e0100", "葛", True), ("王伟", "王玮", False), ("张芸", "张云", False),
        ("高", "髙", False),
    ],
)  # fmt: skip
def test_compared_name(one, other, same):
    assert (names.name_key(one) == names.name_key(other)) is same


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("单雄信", "shanxiongxin", "sxx"), ("仇和", "qiuhe", "qh"), ("解缙", "xiejin", "xj"), ("曾国", "zengguo", "zg"),
        ("查良", "zhaliang", "zl"),
        ("区杰", "oujie", "oj"), ("朴树", "piaoshu", "ps"), ("长孙无忌", "zhangsunwuji", "zswj"), ("尉迟恭", "yuchigong", "ycg"),
        ("盖聪", "gecong", "gc"), ("员工", "yungong", "yg"), ("乐毅", "yueyi", "yy"), ("种师道", "chongshidao", "csd"),
        ("覃海", "qinhai", "qh"),
        ("翟亮", "zhailiang", "zl"), ("缪文", "miaowen", "mw"), ("卜仁", "buren", "br"), ("欧阳㛃", "ouyangjie", "oyj"),
        ("𬭎睿", "hongrui", "hr"),
        ("李单", "lidan", "ld"), ("吕布", "lvbu", "lb"), ("单", "dan", "d"), ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("万俟卨", "moqixie", "mqx"),
        ("Anna Lee", "annalee", "al"), ("", "", ""), ("冼星", "xianxing", "xx"),
    ],
)  # fmt: skip
def test_pinyin(name, full, initials):
    assert names.pinyin_full(name) == full
    assert names.pinyin_initials(name) == initials


def test_readings_are_looked_up_once_a_character():
    names.reading.cache_clear()
    for _ in range(1000):
        names.pinyin_initials("王小明")
    assert names.reading.cache_info().misses == 3
