"""Which headings each list may use for which field (domain.md §4.3, §4.11, §4.12, §5.4), and what a list cannot do without."""

from dataclasses import dataclass

NAME = ("姓名", "学生姓名", "名字", "幼儿姓名", "受助学生姓名", "人员姓名", "儿童姓名", "孩子姓名")
NUMBER = (
    "身份证号", "身份证", "身份证号码", "证件号", "证件号码", "身份证件号", "身份证件号码", "公民身份号码", "公民身份证号码", "学生身份证号", "学生身份证号码",
    "居民身份证号", "居民身份证号码", "身份号码", "公民身份证号",
)  # fmt: skip
SCHOOL = ("学校", "学校名称", "学校全称", "就读学校", "所在学校", "单位名称", "就读学校名称", "校名")
SCHOOL_CODE = ("学校标识码", "学校代码", "机构代码", "学校机构标识码", "学校(机构)标识码", "学校编码", "标识码", "机构标识码")
GRADE = ("年级", "年级名称", "所在年级", "就读年级", "现读年级")
CLASS = ("班级", "班级名称", "所在班级", "班", "班别", "班号")
SEX = ("性别",)
ETHNIC = ("民族",)
BIRTH = ("出生日期", "出生年月", "生日", "出生年月日", "出生时间")
TOWNSHIP = ("乡镇", "镇", "所属乡镇", "乡(镇)", "乡镇(街道)", "乡镇名称", "所在乡镇", "乡镇街道", "镇街")
VILLAGE = (
    "村", "行政村", "村(社区)", "村组(社区)", "村(居)", "村(居)名称", "村居", "村居名称", "村(居)委会", "村委会", "所在村", "村名", "居委会", "村(居)委会名称",
    "村社区", "所属村", "户籍村",
)  # fmt: skip
VILLAGE_CODE = ("村(居)委会代码", "村代码", "村居代码", "村(居)代码", "行政村代码", "村委会代码", "村级代码", "居村委代码", "区划代码", "行政区划代码")
GROUP = ("组", "村民小组", "小组", "组(社)")
HEAD = ("户主", "户主姓名")
RELATION = ("与户主关系", "与户主的关系", "户主关系", "家庭关系")
PHONE = ("联系电话", "手机号", "电话", "监护人电话", "手机号码", "家长电话", "联系方式", "家长联系电话")
ADDRESS = ("现住址", "家庭住址", "住址", "家庭地址", "详细地址", "门(楼)详址", "门楼详址", "现居住地", "户籍地址")
SERIAL = ("序号", "编号", "行号")


@dataclass(frozen=True)
class Layout:
    """`headings`: field → accepted headings; `needed`: fields without which the sheet is not this list (any one of each tuple)."""

    headings: dict[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]


DIVISIONS = Layout(
    {
        "code": ("区划代码", "行政区划代码", "代码", "编码", "统计用区划代码"),
        "name": ("名称", "区划名称", "单位名称", "行政区划名称", "地区名称"),
        "level": ("级别", "层级", "行政级别", "类别"),
        "parent_code": ("上级代码", "上级区划代码", "父级代码", "所属上级代码", "上级编码"),
    },
    (("code",), ("name",)),
)
SCHOOLS = Layout(
    {
        "school_code": SCHOOL_CODE,
        "name": SCHOOL + ("名称",),
        "kind": ("办学类型", "学校类型", "学校类别", "办学类别", "学校办学类型", "类型", "类别"),
        "township_code": ("所属乡镇代码", "乡镇代码", "所在乡镇代码", "区划代码", "行政区划代码", "乡镇街道代码"),
        "township": TOWNSHIP,
        "boarding": ("是否寄宿制", "寄宿制", "是否寄宿", "是否寄宿制学校", "寄宿情况"),
        "parent_school": ("上级学校", "中心校", "所属学校", "主管学校", "上级学校标识码"),
    },
    (("name",), ("kind",)),
)
ROLL = Layout(
    {
        "serial": SERIAL, "school_code": SCHOOL_CODE, "school": SCHOOL, "grade": GRADE, "class": CLASS, "name": NAME, "sex": SEX, "birth": BIRTH,
        "ethnic": ETHNIC, "document": ("身份证件类型", "证件类型", "有效证件类型"), "number": NUMBER,
        "roll_number": ("学籍号", "全国学籍号", "学生学籍号", "个人标识码", "全国统一学籍号", "学籍号码"),
        "auxiliary_number": ("学籍辅号", "省学籍号", "班内学号", "学号"),
        "hukou_code": ("户口所在地行政区划代码", "户口所在地", "户籍所在地", "户口所在地区划", "户籍所在地行政区划代码", "户口所在地行政区划"),
        "boarding": ("就读方式", "是否寄宿", "是否寄宿生", "住校", "寄宿情况", "是否住校"),
        "entered": ("入学年月", "入学时间", "入学日期", "入学年份"), "state": ("学籍状态", "学生状态", "就读状态", "学生当前状态", "状态", "在籍状态"),
        "left_behind": ("是否留守儿童", "留守儿童", "是否留守"), "migrant": ("是否进城务工人员随迁子女", "随迁子女", "是否随迁子女"),
        "orphan": ("是否孤儿", "孤儿"), "disability": ("残疾类型", "残疾人类型", "残疾类别", "是否残疾"), "address": ADDRESS, "phone": PHONE,
        "guardian": ("成员1姓名", "家庭成员1姓名", "家庭成员或监护人姓名", "监护人姓名", "家长姓名", "监护人", "监护人1姓名", "父亲姓名"),
        "guardian_relation": ("成员1关系", "家庭成员1关系", "监护人关系", "与学生关系", "监护人1关系"),
        "guardian_phone": ("成员1联系电话", "成员1电话", "家庭成员1联系电话", "家庭成员1电话", "监护人1电话"),
    },
    (("name",), ("number", "roll_number"), ("school", "school_code")),
)  # fmt: skip
HUKOU = Layout(
    {
        "serial": SERIAL, "household": ("户号", "户口号", "户籍号", "家庭户号", "户口簿号", "户编码"), "head": HEAD, "relation": RELATION, "name": NAME,
        "former_name": ("曾用名",), "sex": SEX, "ethnic": ETHNIC, "birth": BIRTH, "number": NUMBER, "township": TOWNSHIP, "village_code": VILLAGE_CODE,
        "village": VILLAGE, "group": GROUP, "address": ADDRESS, "guardian": ("监护人一姓名", "监护人1姓名", "监护人姓名", "监护人"),
        "state": ("人员状态", "注销标识", "户籍状态", "状态", "户口状态", "人员类别状态"), "cancelled_on": ("注销日期", "迁出日期"),
        "cancelled_why": ("注销原因",),
    },
    (("name",), ("number", "birth"), ("village", "village_code", "household", "township")),
)  # fmt: skip
ATTENDING = Layout(
    {
        "serial": SERIAL, "school_code": SCHOOL_CODE, "school": SCHOOL, "grade": GRADE, "class": CLASS, "name": NAME, "number": NUMBER, "sex": SEX,
        "birth": BIRTH, "roll_number": ("学籍号", "全国学籍号", "学生学籍号"), "boarding": ("就读方式", "是否寄宿", "住校", "寄宿情况"),
        "state": ("在校情况", "在校状态", "是否在校", "到校情况", "报到情况", "状态", "在校与否"), "phone": PHONE,
    },
    (("name",), ("number", "roll_number"), ("school", "school_code")),
)  # fmt: skip
POVERTY = Layout(
    {
        "serial": SERIAL, "township": TOWNSHIP, "village": VILLAGE, "household": ("户编号", "家庭编号"), "head": HEAD, "name": NAME,
        "person_code": ("人编号", "人口编号"), "number": NUMBER, "relation": RELATION, "sex": SEX, "ethnic": ETHNIC,
        "studying": ("在校生状况", "在校状况", "在校生情况"), "education": ("文化程度",),
        "type": ("户类型", "农户类型", "脱贫户类型", "贫困户类型", "监测对象类别", "户属性", "人员类型"), "lifted": ("脱贫年度", "脱贫年份", "脱贫时间"),
        "risk_cleared": ("风险是否已消除", "风险是否消除"), "why_not_at_school": ("义务教育阶段未上学原因", "失学或辍学原因", "未上学原因"), "phone": PHONE,
    },
    (("name",), ("number",), ("type", "household", "lifted")),
)  # fmt: skip
CIVIL_AFFAIRS = Layout(
    {
        "serial": SERIAL, "name": NAME, "number": NUMBER, "category": ("救助类别", "救助类型", "保障类别", "对象类别", "人员类别", "类别", "困难类型", "保障类型"),
        "head": HEAD + ("申请人", "申请人姓名"), "relation": RELATION, "township": TOWNSHIP, "village": VILLAGE,
        "starts": ("享受起始日期", "起始日期", "开始日期", "享受开始时间", "开始享受时间", "保障开始日期", "纳入时间", "起始时间"),
        "ends": ("享受终止日期", "终止日期", "结束日期", "享受结束时间", "停止日期", "终止时间"), "phone": PHONE, "address": ADDRESS,
    },
    (("name",), ("number",), ("category",)),
)  # fmt: skip
DISABLED = Layout(
    {
        "serial": SERIAL, "name": NAME, "number": NUMBER, "sex": SEX,
        "card": ("残疾人证号", "残疾证号", "残疾生证号", "残疾证号码", "残疾人证号码", "证号", "残疾人证"),
        "category": ("残疾类别", "残疾类型", "残疾种类"), "level": ("残疾等级", "等级", "残疾级别"), "township": TOWNSHIP, "village": VILLAGE,
        "issued": ("发证日期", "签发日期"), "expires": ("有效期", "有效期至"), "phone": PHONE, "address": ADDRESS,
    },
    (("name",), ("card", "number")),
)  # fmt: skip
LAYOUTS = {
    "divisions": DIVISIONS, "schools": SCHOOLS, "roll": ROLL, "hukou": HUKOU, "attending": ATTENDING, "poverty": POVERTY,
    "civil_affairs": CIVIL_AFFAIRS, "disabled": DISABLED,
}  # fmt: skip
