"""What a new row says otherwise than the standing one, in words."""

from core.crypto import mask, mask_phone
from core.models import Organization
from students.rules.codes import ETHNIC_GROUPS, SEXES
from students.rules.grades import Grade, grade_label

LABELS = {
    "school": "学校", "grade": "年级", "class": "班级", "boarding": "就读方式", "state": "状态", "household": "户号", "head": "户主", "relation": "与户主关系",
    "village": "村(居)", "sex": "性别", "ethnic": "民族", "entered": "入学年月", "guardian": "监护人", "label": "类别", "household_number": "户编号",
    "lifted_year": "脱贫年度", "risk_cleared": "风险是否已消除", "starts": "起始日期", "ends": "终止日期", "category": "残疾类别", "level": "残疾等级",
    "left_behind": "留守儿童", "migrant": "随迁子女", "orphan": "孤儿", "disability": "残疾类型", "hukou_code": "户口所在地", "kind": "办学类型",
    "serial": "平台序号", "suspicion": "疑似类型", "batch": "下发批次", "verified": "核查结果", "last_school": "原学校", "happened": "变动日期", "to": "迁往何地",
    "at": "就读学校", "region": "就读地", "document": "证明编号", "martyr": "烈士姓名", "certificate": "烈士证号", "unit": "工作单位", "post": "职务",
    "whereabouts": "现在哪里、做什么", "found_on": "发现日期", "room": "宿舍", "bed": "床位", "group": "组", "township": "乡镇", "parent": "上级",
    "parent_school": "上级学校",
}  # fmt: skip


PLACES = ("school", "village", "last_school", "at", "township", "parent", "parent_school")
WORDS = {"sex": SEXES, "ethnic": ETHNIC_GROUPS}


def names_of_places():
    """{code: name} of every unit but the classes, for `differences` of many rows."""
    return dict(Organization.objects.exclude(kind=Organization.Kind.CLASS).values_list("code", "name"))


def differences(old, new, names):
    """[(label, old, new), …] between two rows of RowFields, in words (`names` of places by code); sensitive values masked."""
    found = [(label, getattr(old, field), getattr(new, field)) for field, label in (("name", "姓名"), ("birth_on", "出生日期"))]
    found += [(label, _shown(old.facts, key, names), _shown(new.facts, key, names)) for key, label in LABELS.items()]
    changed = [(label, before, after) for label, before, after in found if before != after]
    changed += [
        (label, hide(getattr(old, field)), hide(getattr(new, field)))
        for field, label, hide in SEALED
        if getattr(old, field) != getattr(new, field)
    ]
    return [(label, before or "空", after or "空") for label, before, after in changed]


def _whole(text):
    return "（有变化）" if text else ""


SEALED = (("number", "证件号", mask), ("roll_number", "学籍号", mask), ("phone", "电话", mask_phone), ("address", "住址", _whole))


def _shown(facts, key, names):
    value = facts.get(key)
    if key in PLACES or key in WORDS:
        return WORDS.get(key, names).get(value) or ("" if value is None else str(value))
    if key == "grade" and value is not None:
        return grade_label(Grade(facts.get("stage") or "", value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
