"""Which headings each list may use for which field (domain.md §4.3, §4.11, §4.12, §5.4), and what a list cannot do without."""

from students.imports.further import FURTHER
from students.imports.vocabulary import (
    ADDRESS,
    BIRTH,
    BOARDING,
    CLASS,
    ETHNIC,
    GRADE,
    GROUP,
    HEAD,
    HOUSEHOLD_TYPE,
    MEMBER,
    MEMBER_NUMBER,
    NAME,
    NUMBER,
    PHONE,
    POVERTY_HOUSEHOLD,
    RELATION,
    ROLL_NUMBER,
    SCHOOL,
    SCHOOL_CODE,
    SERIAL,
    SEX,
    STAGE,
    TOWNSHIP,
    VILLAGE,
    VILLAGE_CODE,
    Layout,
)

DIVISIONS = Layout(
    {
        "code": ("区划代码", "行政区划代码", "代码", "编码", "统计用区划代码", "区划编码", "统计区划代码", "12位区划代码", "单位代码", "地区代码", "行政区划编码"),
        "name": ("名称", "区划名称", "单位名称", "行政区划名称", "地区名称", "乡镇村名称", "区划", "行政区划", "地名", "行政区名称"),
        "level": ("级别", "层级", "行政级别", "类别", "区划级别", "区划层级", "类型", "行政区划级别", "单位级别"),
        "parent_code": ("上级代码", "上级区划代码", "父级代码", "所属上级代码", "上级编码", "上级行政区划代码", "父代码", "上级单位代码", "隶属代码", "所属区划代码"),
    },
    (("code",), ("name",)),
)
SCHOOLS = Layout(
    {
        "school_code": SCHOOL_CODE,
        "name": SCHOOL + ("名称", "学校(园)名称", "学校(幼儿园)名称", "校(园)名称"),
        "kind": ("办学类型", "学校类型", "学校类别", "办学类别", "学校办学类型", "类型", "类别", "办学层次", "学校性质类别", "学校(机构)类型", "学校种类", "学段", "办学类型名称"),
        "township_code": ("所属乡镇代码", "乡镇代码", "所在乡镇代码", "区划代码", "行政区划代码", "乡镇街道代码", "所属区划代码", "所在地区划代码", "学校所在地代码", "所属乡镇区划代码", "所在乡镇区划代码",
            "所在地代码", "学校所在地区划代码", "驻地区划代码"),
        "township": TOWNSHIP,
        "boarding": ("是否寄宿制", "寄宿制", "是否寄宿", "是否寄宿制学校", "寄宿情况", "寄宿制学校", "有无寄宿生", "是否有寄宿生", "是否住宿制"),
        "parent_school": ("上级学校", "中心校", "主管学校", "上级学校标识码", "主校", "所属中心校", "所属学校", "所属学校标识码", "主管学校标识码", "上级学校名称", "上级学校代码"),
    },
    (("name",), ("kind", "school_code")),
)
ROLL = Layout(
    {
        "serial": SERIAL, "school_code": SCHOOL_CODE, "school": SCHOOL, "stage": STAGE, "grade": GRADE, "class": CLASS, "name": NAME,
            "sex": SEX, "birth": BIRTH,
        "ethnic": ETHNIC, "document": ("身份证件类型", "证件类型", "有效证件类型"), "number": NUMBER,
        "roll_number": ROLL_NUMBER,
        "auxiliary_number": ("学籍辅号", "省学籍号", "班内学号", "学号"),
        "hukou_code": ("户口所在地行政区划代码", "户口所在地", "户籍所在地", "户口所在地区划", "户籍所在地行政区划代码", "户口所在地行政区划",
            "户籍所在地代码", "户籍地代码"),
        "boarding": BOARDING,
        "entered": ("入学年月", "入学时间", "入学日期", "入学年份", "入学年度", "入校时间", "入学年"), "state": ("学籍状态", "学生状态", "就读状态", "学生当前状态", "状态", "在籍状态",
            "在校状态", "学籍情况", "是否在籍", "当前状态", "是否有学籍", "学生类别状态", "学籍现状"),
        "left_behind": ("是否留守儿童", "留守儿童", "是否留守"), "migrant": ("是否进城务工人员随迁子女", "随迁子女", "是否随迁子女"),
        "orphan": ("是否孤儿", "孤儿"), "disability": ("残疾类型", "残疾人类型", "残疾类别", "是否残疾"), "address": ADDRESS, "phone": PHONE,
        "guardian": ("家庭成员一姓名", "成员一姓名", "监护人一姓名", "第一监护人姓名", "父母或监护人姓名", "家庭成员姓名", "监护人信息姓名", "家长信息姓名", "成员1姓名", "家庭成员1姓名", "家庭成员或监护人姓名",
            "监护人姓名", "家长姓名", "监护人", "监护人1姓名", "父亲姓名"),
        "guardian_relation": ("家庭成员一关系", "成员一关系", "与学生的关系", "家庭成员1与学生关系", "监护人信息关系", "家长信息关系", "与监护人关系", "成员1关系", "家庭成员1关系", "监护人关系",
            "与学生关系", "监护人1关系"),
        "guardian_phone": ("家庭成员一联系电话", "家庭成员一电话", "监护人一电话", "监护人联系电话", "监护人信息电话", "监护人信息联系电话", "家长信息联系电话", "成员1联系电话", "成员1电话",
            "家庭成员1联系电话", "家庭成员1电话", "监护人1电话"),
    },
    (("name",), ("number", "roll_number"), ("school", "school_code")),
)  # fmt: skip
HUKOU = Layout(
    {
        "serial": SERIAL, "household": ("户号", "户口号", "户籍号", "家庭户号", "户口簿号", "户编码", "户口编号", "户口本号", "户口簿编号", "家庭户编号", "户籍编号", "户籍户号", "户编号"),
            "head": HEAD, "relation": RELATION, "name": NAME,
        "former_name": ("曾用名",),
            "sex": SEX, "ethnic": ETHNIC, "birth": BIRTH, "number": NUMBER, "township": TOWNSHIP, "village_code": VILLAGE_CODE,
        "village": VILLAGE, "group": GROUP, "address": ADDRESS, "guardian": ("监护人一姓名", "监护人1姓名", "监护人姓名", "监护人"),
        "state": ("人员状态", "户籍状态", "状态", "户口状态", "人员类别状态", "人员户籍状态", "人口状态", "户籍人员状态", "户口现状"),
        "cancelled": ("注销标识", "是否注销", "注销标志", "户口注销标识", "注销情况"), "cancelled_on": ("注销日期", "注销时间", "户口注销日期"),
        "moved_on": ("迁出日期", "迁出时间", "户口迁出日期"),
        "cancelled_why": ("注销原因", "注销(迁出)原因", "注销类别", "注销事由"),
    },
    (("name",), ("number", "birth"), ("village", "village_code", "household", "township")),
)  # fmt: skip
ATTENDING = Layout(
    {
        "serial": SERIAL, "school_code": SCHOOL_CODE, "school": SCHOOL, "stage": STAGE, "grade": GRADE, "class": CLASS, "name": NAME,
            "number": NUMBER, "sex": SEX,
        "birth": BIRTH, "roll_number": ROLL_NUMBER, "boarding": BOARDING,
        "state": ("在校情况", "在校状态", "是否在校", "到校情况", "报到情况", "状态", "在校与否", "是否到校", "是否报到", "就读状态", "学生状态", "实到情况", "在校就读情况", "开学报到情况",
            "是否返校"), "phone": PHONE,
    },
    (("name",), ("number", "roll_number"), ("school", "school_code")),
)  # fmt: skip
POVERTY = Layout(
    {
        "serial": SERIAL, "township": TOWNSHIP, "village": VILLAGE, "household": POVERTY_HOUSEHOLD, "head": HEAD, "name": MEMBER,
        "person_code": ("人编号", "人口编号", "人员编号"), "number": MEMBER_NUMBER, "relation": RELATION, "sex": SEX, "ethnic": ETHNIC,
        "studying": ("在校生状况", "在校状况", "在校生情况", "就学情况", "就读情况", "在校情况"), "education": ("文化程度",),
        "type": HOUSEHOLD_TYPE,
        "lifted": ("脱贫年度", "脱贫年份", "脱贫时间", "脱贫年", "脱贫退出年度", "退出年度"),
        "risk_cleared": ("风险是否已消除", "风险是否消除", "风险消除情况", "是否消除风险", "风险消除状态"), "why_not_at_school": ("义务教育阶段未上学原因", "失学或辍学原因", "未上学原因"),
            "phone": PHONE,
    },
    (("name",), ("number",), ("type", "household", "lifted")),
)  # fmt: skip
CIVIL_AFFAIRS = Layout(
    {
        "serial": SERIAL, "name": MEMBER, "number": MEMBER_NUMBER, "category": ("救助类别", "救助类型", "保障类别", "对象类别", "人员类别", "类别", "困难类型",
            "保障类型", "救助对象类别", "救助对象类型", "对象类型", "困难类别", "救助项目", "保障对象类别", "救助种类", "身份类别", "困境类型", "享受类别", "困难群体类别", "救助人员类别", "低收入人口类型",
            "人员类型"),
        "head": HEAD + ("申请人", "申请人姓名", "户主(申请人)", "家庭申请人"), "relation": RELATION, "township": TOWNSHIP, "village": VILLAGE,
        "starts": ("享受起始日期", "起始日期", "开始日期", "享受开始时间", "开始享受时间", "保障开始日期", "纳入时间", "起始时间", "享受起始时间", "纳入日期", "保障起始日期", "享受开始日期", "救助开始日期",
            "批准日期", "审批日期", "开始时间", "救助起始日期", "起始年月", "享受待遇起始日期"),
        "ends": ("享受终止日期", "终止日期", "结束日期", "享受结束时间", "停止日期", "终止时间", "享受终止时间", "保障终止日期", "享受结束日期", "救助结束日期", "结束时间", "退出日期", "退出时间",
            "救助终止日期", "享受待遇终止日期"), "phone": PHONE, "address": ADDRESS,
    },
    (("name",), ("number",), ("category",)),
)  # fmt: skip
DISABLED = Layout(
    {
        "serial": SERIAL, "name": MEMBER, "number": MEMBER_NUMBER, "sex": SEX,
        "card": ("残疾人证号", "残疾证号", "残疾生证号", "残疾证号码", "残疾人证号码", "证号", "残疾人证", "残疾人证编号", "残疾证", "残疾证编号", "第二代残疾人证号", "二代残疾人证号", "持证编号",
            "残疾人证件号", "残疾人证件号码", "残疾人证证号"),
        "category": ("残疾类别", "残疾类型", "残疾种类", "残疾类别名称", "残疾类别及等级", "残疾类别等级", "残疾类型及等级", "主要残疾类别", "残疾名称"), "level": ("残疾等级", "等级", "残疾级别",
            "残疾程度", "残疾等级名称", "主要残疾等级"), "township": TOWNSHIP, "village": VILLAGE,
        "issued": ("发证日期", "签发日期"), "expires": ("有效期", "有效期至"), "phone": PHONE, "address": ADDRESS,
    },
    (("name",), ("card", "number"), ("card", "level")),
)  # fmt: skip
LAYOUTS = {
    "divisions": DIVISIONS, "schools": SCHOOLS, "roll": ROLL, "hukou": HUKOU, "attending": ATTENDING, "poverty": POVERTY,
    "civil_affairs": CIVIL_AFFAIRS, "disabled": DISABLED, **FURTHER,
}  # fmt: skip
ROW_KEY = ("行标识(勿改)", "行标识")  # of a list that was downloaded filled in (students.reports.prefilled)
for _layout in LAYOUTS.values():
    _layout.headings["row_key"] = ROW_KEY
