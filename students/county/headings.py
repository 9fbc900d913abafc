"""How each variant heads its lists. Variant a is terse; b has other words, more title rows, two-row headers, notes and foot lines."""

from dataclasses import dataclass

DATE_FIELDS = frozenset({"birth"})
NUMBER_FIELDS = frozenset({"number"})  # where a workbook may hold a number in place of text


@dataclass(frozen=True)
class Head:
    """File name without ending, headings by field ("parent/child" for two rows), titles, and what else the file brings along."""

    file: str
    fields: dict[str, str]
    titles: tuple[str, ...] = ()
    sheet: str = "Sheet1"
    suffix: str = ".xlsx"
    encoding: str = "utf-8-sig"
    notes_first: bool = False
    foot: tuple[str, ...] = ()


SIGNED = ("填报人：　　　　　　审核人：　　　　　　填报日期：2020年3月1日",)

VARIANT_A = {
    "divisions": Head("行政区划", {"code": "区划代码", "name": "名称", "level": "级别", "parent": "上级代码"}, suffix=".csv"),
    "schools": Head(
        "学校名录",
        {
            "code": "学校标识码", "name": "学校名称", "kind": "办学类型", "township": "所属乡镇代码", "boarding": "是否寄宿制",
            "parent": "上级学校标识码",
        },
        ("示范县学校名录",),
    ),
    "roll": Head(
        "学籍库",
        {
            "serial": "序号", "school_code": "学校标识码", "school": "学校名称", "grade": "年级", "class": "班级", "name": "姓名",
            "sex": "性别",
            "birth": "出生日期", "ethnic": "民族", "document": "身份证件类型", "number": "身份证件号", "roll_number": "全国学籍号",
            "region": "户口所在地行政区划代码", "boarding": "就读方式", "entered": "入学年月", "state": "学籍状态",
            "left_behind": "是否留守儿童",
            "orphan": "是否孤儿", "disability": "残疾类型", "address": "现住址", "phone": "联系电话", "guardian": "成员1姓名",
            "guardian_relation": "成员1关系", "guardian_phone": "成员1联系电话",
        },
        ("示范县2019-2020学年度学籍库学生基本信息",),
    ),
    "hukou": Head(
        "公安户籍",
        {
            "household": "户号", "head": "户主姓名", "relation": "与户主关系", "name": "姓名", "sex": "性别", "ethnic": "民族",
            "birth": "出生日期",
            "number": "公民身份号码", "village_code": "村（居）委会代码", "village": "村（居）名称", "state": "人员状态",
        },
    ),
    "attending": Head(
        "在校学生花名册",
        {
            "school_code": "学校标识码", "school": "学校名称", "grade": "年级", "class": "班级", "name": "姓名", "number": "身份证号",
            "state": "在校情况",
        },
        ("2020年春季学期在校学生花名册",),
    ),
    "poverty": Head(
        "乡村振兴-脱贫户监测户",
        {
            "township": "乡镇", "village": "行政村", "household": "户编号", "head": "户主姓名", "name": "姓名", "person": "人编号",
            "number": "证件号码",
            "relation": "与户主关系", "studying": "在校生状况", "kind": "户类型", "lifted": "脱贫年度",
        },
        ("全国防返贫监测信息系统导出",),
    ),
    "civil_affairs": Head(
        "民政-低保特困孤儿",
        {
            "name": "姓名", "number": "身份证号", "category": "救助类别", "head": "户主姓名", "village": "村（居）",
            "starts": "享受起始日期",
            "ends": "享受终止日期",
        },
    ),
    "disabled": Head(
        "残联-残疾人证",
        {
            "name": "姓名", "card": "残疾人证号", "category": "残疾类别", "level": "残疾等级", "village": "村（居）",
        },
        ("持证残疾人名单",),
    ),
}  # fmt: skip

VARIANT_B = {
    "divisions": Head(
        "行政区划", {"name": "区划名称", "code": "行政区划代码", "level": "层级", "parent": "上级区划代码"}, ("示范县行政区划表",),
    ),
    "schools": Head(
        "学校名录",
        {
            "name": "学校全称", "code": "学校代码", "kind": "办学类型", "boarding": "是否寄宿", "township": "乡镇代码",
            "parent": "上级学校标识码",
        },
        ("示范县各级各类学校（幼儿园）名录", "填报单位：示范县教育局"), foot=SIGNED,
    ),
    "roll": Head(
        "学籍库",
        {
            "serial": "序号", "school": "学校全称", "school_code": "学校代码", "roll_number": "学籍号", "name": "学生姓名",
            "number": "身份证号码",
            "sex": "性别", "birth": "出生年月", "ethnic": "民族", "grade": "所在年级", "class": "所在班级", "boarding": "是否寄宿",
            "entered": "入学年月", "state": "学籍状态", "left_behind": "是否留守儿童", "orphan": "是否孤儿", "disability": "残疾类型",
            "address": "现住址", "guardian": "家庭成员1/姓名", "guardian_relation": "家庭成员1/关系",
            "guardian_phone": "家庭成员1/联系电话",
        },
        ("示范县中小学（幼儿园、中职）学籍信息表", "2019-2020学年度"), "学籍", notes_first=True, foot=SIGNED,
    ),
    "hukou": Head(
        "公安户籍",
        {
            "household": "户号", "head": "户主", "relation": "与户主关系", "number": "身份证号码", "name": "姓名", "sex": "性别",
            "birth": "生日",
            "ethnic": "民族", "village": "村(居)委会/名称", "village_code": "村(居)委会/代码", "state": "人员状态",
        },
        ("示范县公安局户籍人口（3至18周岁）",), "常住人口",
    ),
    "attending": Head(
        "在校学生花名册",
        {
            "school": "就读学校", "school_code": "学校代码", "name": "学生姓名", "number": "身份证", "grade": "年级名称",
            "class": "班级名称", "state": "在校情况",
        },
        suffix=".csv", encoding="gb18030",
    ),
    "poverty": Head(
        "乡村振兴-脱贫户监测户",
        {
            "township": "所属乡镇", "village": "村", "household": "户编号", "head": "户主", "name": "姓名", "number": "证件号",
            "relation": "与户主关系",
            "kind": "贫困户类型", "lifted": "脱贫年份", "studying": "在校生状况",
        },
        ("防止返贫监测帮扶对象及脱贫户名单", "导出单位：示范县乡村振兴局"), "名单", notes_first=True,
    ),
    "civil_affairs": Head(
        "民政-低保特困孤儿",
        {
            "head": "户主", "name": "姓名", "number": "身份证", "category": "救助类别", "village": "村", "starts": "享受起始日期",
            "ends": "享受终止日期",
        },
        ("示范县社会救助对象（未成年人）名册",), "救助", foot=SIGNED,
    ),
    "disabled": Head(
        "残联-残疾人证",
        {
            "name": "姓名", "card": "残疾证号", "category": "残疾类别", "level": "残疾等级", "village": "村(社区)",
        },
        ("持证残疾儿童名单", "示范县残疾人联合会"), "持证",
    ),
}  # fmt: skip
VARIANTS = {"a": VARIANT_A, "b": VARIANT_B}
