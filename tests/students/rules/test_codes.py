import pytest

from students.rules import codes


def test_the_fifty_six_groups():
    assert [code for code in codes.ETHNIC_GROUPS if int(code) <= 56] == [f"{n:02d}" for n in range(1, 57)]
    assert (codes.ETHNIC_GROUPS["04"], codes.ETHNIC_GROUPS["30"], codes.ETHNIC_GROUPS["56"]) == ("藏族", "土族", "基诺族")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("汉", "01"),
        ("汉族", "01"),
        ("4", "04"),
        ("04", "04"),
        ("维吾尔族", "05"),
        ("毛难族", "36"),
        ("崩龙", "46"),
        ("土家族", "15"),
        ("土族", "30"),
        ("高山", "23"),
    ],
)
def test_ethnic_groups(text, code):
    assert codes.parse_ethnic(text) == (code, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("子", "son"), ("之子", "son"), ("女", "daughter"), ("之女", "daughter"), ("长女", "daughter"), ("孙子", "grandson"),
        ("之孙子", "grandson"),
        ("孙女", "granddaughter"), ("外孙女", "daughters_daughter"), ("父亲", "father"), ("其他监护人", "other_guardian"),
        ("户主", "head"),
    ],
)  # fmt: skip
def test_relations(text, code):
    assert codes.parse_relation(text) == (code, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("学前", "kindergarten"), ("幼儿园", "kindergarten"), ("小学", "primary"), ("教学点", "teaching_point"), ("初级中学", "junior"),
        ("初中", "junior"),
        ("九年一贯制", "nine_year"), ("九年一贯制学校", "nine_year"), ("十二年一贯制学校", "twelve_year"),
        ("完全中学", "complete_secondary"),
        ("普通高中", "senior"), ("中职", "vocational"), ("职业技术学校", "vocational"), ("特殊教育学校", "special"),
        ("专门学校", "specialised"),
    ],
)  # fmt: skip
def test_school_kinds(text, code):
    assert codes.parse_school_kind(text) == (code, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("学前教育", "pre"),
        ("小学", "pri"),
        ("初中", "jun"),
        ("普通高中", "sen"),
        ("中职", "voc"),
        ("高职高专", "hvoc"),
        ("义务教育小学阶段", None),
        ("小学阶段", "pri"),
    ],
)
def test_stages(text, code):
    assert codes.parse_stage(text)[0] == code


@pytest.mark.parametrize(
    ("parse", "text", "code", "counts"),
    [
        (codes.parse_roll_state, "在校", "enrolled", True), (codes.parse_roll_state, "", "enrolled", True),
        (codes.parse_roll_state, "休学", "suspended", True),
        (codes.parse_roll_state, "辍学", "dropped_out", True), (codes.parse_roll_state, "转出", "transferred", False),
        (codes.parse_roll_state, "毕业", "graduated", False), (codes.parse_roll_state, "死亡", "deceased", False),
        (codes.parse_roll_state, "退学", "withdrawn", False), (codes.parse_attending_state, "在校", "present", True),
        (codes.parse_attending_state, "", "present", True), (codes.parse_attending_state, "请假", "on_leave", True),
        (codes.parse_attending_state, "未到校", "absent", False), (codes.parse_attending_state, "休学", "suspended", False),
        (codes.parse_attending_state, "流失", "dropped_out", False), (codes.parse_registry_state, "正常", "registered", True),
        (codes.parse_registry_state, "", "registered", True), (codes.parse_registry_state, "迁出", "moved_out", False),
        (codes.parse_registry_state, "重户", "duplicate", False), (codes.parse_registry_state, "销户", "cancelled", False),
    ],
)  # fmt: skip
def test_states(parse, text, code, counts):
    state, problem = parse(text)
    assert (state.code, state.counts, problem) == (code, counts, "")


@pytest.mark.parametrize(
    ("parse", "text", "code"),
    [
        (codes.parse_household_type, "建档立卡", "P1"), (codes.parse_household_type, "脱贫户", "P2"),
        (codes.parse_household_type, "脱贫不稳定户", "P3"),
        (codes.parse_household_type, "边缘易致贫户", "P4"), (codes.parse_household_type, "突发严重困难户", "P5"),
        (codes.parse_civil_affairs, "低保", "D0"),
        (codes.parse_civil_affairs, "农村低保", "D1"), (codes.parse_civil_affairs, "城市低保", "D2"),
        (codes.parse_civil_affairs, "低保边缘", "D3"),
        (codes.parse_civil_affairs, "特困", "D4"), (codes.parse_civil_affairs, "孤儿", "O1"),
        (codes.parse_civil_affairs, "事实无人抚养", "O2"),
        (codes.parse_disability_category, "肢体残疾", "4"), (codes.parse_disability_category, "7", "7"),
        (codes.parse_disability_level, "叁级", "3"),
        (codes.parse_sex, "男", "1"), (codes.parse_sex, "2", "2"),
    ],
)  # fmt: skip
def test_groups_and_small_tables(parse, text, code):
    assert parse(text) == (code, "")


@pytest.mark.parametrize(
    "parse",
    [
        codes.parse_ethnic, codes.parse_relation, codes.parse_school_kind, codes.parse_stage, codes.parse_roll_state,
        codes.parse_attending_state,
        codes.parse_registry_state, codes.parse_household_type, codes.parse_civil_affairs, codes.parse_disability_category,
        codes.parse_disability_level, codes.parse_sex,
    ],
)  # fmt: skip
def test_an_unknown_word_is_named(parse):
    value, problem = parse("莫名")
    assert value is None
    assert "“莫名”不认识" in problem


def test_no_word_means_two_things_and_codes_are_unique():
    for table in (codes.ROLL_STATES, codes.ATTENDING_STATES, codes.REGISTRY_STATES):
        words = [word for state in table for word in state.words]
        assert len(words) == len(set(words))
    for words in (codes.RELATIONS, {kind.code: kind.aliases + (kind.label,) for kind in codes.KINDS}, codes.STAGE_ALIASES):
        flat = [word for some in words.values() for word in some]
        assert len(flat) == len(set(flat))
    assert len(codes.GROUPS) == len(codes.GROUP_LIST) == len({group.slug for group in codes.GROUP_LIST})
