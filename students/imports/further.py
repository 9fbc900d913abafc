"""Layouts of the lists that came later: monitored and low-income households, the no-lists, martyrs' children, people paid by the state,
the platform's list, deaths and moves, schooling elsewhere (domain.md §3.3, §5.3, §5.4)."""

from students.imports.vocabulary import (
    ADDRESS,
    BIRTH,
    BOARDING,
    CLASS,
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

STARTS = (
    "纳入时间",
    "识别时间",
    "监测时间",
    "纳入监测时间",
    "认定时间",
    "认定日期",
    "起始日期",
    "开始日期",
    "享受起始日期",
    "享受开始时间",
    "批准日期",
)
ENDS = ("终止日期", "结束日期", "享受终止日期", "有效期至", "退出日期", "停止日期")
PERSON = {
    "serial": SERIAL, "name": MEMBER, "number": MEMBER_NUMBER, "head": (*HEAD, "申请人", "申请人姓名"), "relation": RELATION, "sex": SEX,
    "township": TOWNSHIP, "village": VILLAGE, "phone": PHONE, "address": ADDRESS,
}  # fmt: skip
BENEFITS = ("是否享受政策", "享受政策情况", "享受政策", "是否享受帮扶政策", "政策享受情况")
MONITORED = Layout(
    PERSON | {
        "household": POVERTY_HOUSEHOLD, "type": (*HOUSEHOLD_TYPE, "类别", "类型", "对象类别"),
        "risk_cleared": ("风险是否已消除", "风险是否消除", "风险消除情况", "是否消除风险", "风险消除状态"), "starts": STARTS,
        "ends": ("风险消除时间", "消除时间", "风险消除日期"),
    },
    (("name",), ("number",)),
)  # fmt: skip
LOW_INCOME = Layout(
    PERSON | {
        "category": ("类别", "低收入类型", "低收入人口类型", "困难类型", "对象类别", "对象类型", "人员类别", "认定类别", "家庭类型", "救助类别", "保障类别", "人员类型"),
        "starts": STARTS, "ends": ENDS,
    },
    (("name",), ("number",)),
)  # fmt: skip
POLICY_ENDED = Layout(
    PERSON | {
        "household": POVERTY_HOUSEHOLD, "type": (*HOUSEHOLD_TYPE, "类别"), "lifted": ("脱贫年度", "脱贫年份", "脱贫时间"), "benefits": BENEFITS,
        "starts": ("停止享受日期", "停止日期", "停止时间", "终止日期"),
    },
    (("name",), ("number",)),
)  # fmt: skip
RISK_CLEARED = Layout(
    PERSON | {
        "household": POVERTY_HOUSEHOLD, "type": (*HOUSEHOLD_TYPE, "类别"),
        "risk_cleared": ("风险是否已消除", "风险是否消除", "风险消除情况", "是否消除风险", "风险消除状态"),
        "starts": ("风险消除时间", "消除时间", "风险消除日期", "消除日期"),
    },
    (("name",), ("number",)),
)  # fmt: skip
MARTYRS = Layout(
    {
        "serial": SERIAL, "name": (*NAME, "子女姓名", "烈士子女姓名", "享受待遇人姓名"), "number": (*NUMBER, "子女身份证号", "子女身份证号码", "烈士子女身份证号"),
        "martyr": ("烈士姓名", "烈士", "烈士名字"), "certificate": ("烈士证号", "烈士证书编号", "烈属证号", "证书编号", "烈士证明书编号"), "sex": SEX,
        "township": TOWNSHIP, "village": VILLAGE, "phone": PHONE, "address": ADDRESS,
    },
    (("name",), ("number",)),
)  # fmt: skip
STATE_PAID = Layout(
    {
        "serial": SERIAL, "name": (*NAME, "职工姓名", "人员"), "number": NUMBER, "unit": ("单位", "工作单位", "单位名称", "工资发放单位", "所在单位", "发放单位"),
        "type": ("供养类型", "财政供养类型", "人员类别", "编制类型", "人员类型", "编制性质", "人员编制", "人员身份"), "sex": SEX, "post": ("职务", "岗位", "职务职级"),
    },
    (("name",), ("number",), ("unit", "type")),
)  # fmt: skip
PLATFORM = Layout(
    {
        "serial": ("平台序号", "下发序号", "任务编号", "数据编号", "平台编号", "下发编号", *SERIAL), "name": NAME, "number": NUMBER, "sex": SEX, "birth": BIRTH,
        "roll_number": ROLL_NUMBER, "school_code": SCHOOL_CODE, "school": (*SCHOOL, "原就读学校", "最后就读学校", "学籍学校名称"), "grade": GRADE,
        "class": CLASS,
        "township": TOWNSHIP, "village_code": VILLAGE_CODE, "village": VILLAGE, "address": (*ADDRESS, "户籍地", "户籍所在地"),
        "guardian": ("监护人", "监护人姓名", "家长姓名"),
        "phone": PHONE, "suspicion": ("疑似辍学类型", "疑似类型", "数据来源", "问题类型", "数据比对结果", "比对结果", "疑似原因", "类型"),
        "batch": ("下发批次", "批次", "下发时间", "下发日期"), "verified": ("核查结果", "核查状态", "核查情况", "处理状态"),
    },
    (("name",), ("number", "roll_number")),
)  # fmt: skip
MOVEMENTS = Layout(
    {
        "serial": SERIAL, "name": (*MEMBER, "死者姓名", "死亡人员姓名", "迁移人姓名", "迁出人姓名", "迁入人姓名"), "number": MEMBER_NUMBER, "sex": SEX,
        "birth": BIRTH,
        "event": ("类型", "类别", "变动类型", "变动类别", "异动类型", "迁移类型", "业务类型", "变动原因", "注销原因", "注销类别", "迁移类别", "户口变动", "事项", "人员状态"),
        "happened": ("日期", "时间", "变动日期", "变动时间", "死亡日期", "死亡时间", "去世日期", "迁移日期", "迁移时间", "办理日期", "注销日期", "异动日期", "发生日期"),
        "died_on": ("死亡日期", "死亡时间", "去世日期"), "moved_out_on": ("迁出日期", "迁出时间"), "moved_in_on": ("迁入日期", "迁入时间"),
        "place": ("迁往地", "迁往地址", "迁往何地", "迁出地", "迁入地", "迁出地址", "迁入地址", "何地"), "reason": ("死亡原因", "迁移原因", "原因"),
        "township": TOWNSHIP, "village_code": VILLAGE_CODE, "village": VILLAGE, "group": GROUP, "household": ("户号", "户口号", "户编号"),
    },
    (("name",), ("number",)),
)  # fmt: skip
ELSEWHERE = Layout(
    {
        "serial": SERIAL, "name": NAME, "number": NUMBER, "sex": SEX, "birth": BIRTH, "roll_number": ROLL_NUMBER,
        "school": (*SCHOOL, "区外就读学校", "县外就读学校", "外地就读学校", "现就读学校名称", "就读学校(区外)"), "grade": GRADE, "class": CLASS,
        "region": ("就读地", "就读地区", "就读地址", "学校所在地", "就读省市县", "就读县区", "所在省市", "就读省份", "学校地址", "区外就读地"),
        "on_roll": ("是否有学籍", "有无学籍", "学籍情况", "是否建立学籍"),
        "document": ("证明编号", "证明文号", "就读证明", "就读证明编号", "证明材料"), "since": ("就读开始日期", "入学时间", "入学日期", "就读时间", "证明日期", "开具日期", "出具日期"),
        "until": ("证明有效期", "有效期至", "有效期", "证明有效期至"), "teacher_phone": ("班主任电话", "学校联系电话", "学校电话"),
        "phone": PHONE, "township": TOWNSHIP, "village_code": VILLAGE_CODE, "village": VILLAGE,
    },
    (("name",), ("number", "roll_number"), ("school", "region")),
)  # fmt: skip
BOARDERS = Layout(
    {
        "serial": SERIAL, "school_code": SCHOOL_CODE, "school": SCHOOL, "stage": STAGE, "grade": GRADE, "class": CLASS, "name": NAME,
        "number": NUMBER, "sex": SEX, "birth": BIRTH, "roll_number": ROLL_NUMBER, "boarding": BOARDING,
        "room": ("宿舍", "宿舍号", "寝室", "寝室号", "房间号", "宿舍房间", "住宿房间"), "bed": ("床位", "床号", "床位号"),
        "starts": ("入住日期", "住校日期", "住宿日期", "开始住校日期"), "phone": PHONE,
    },
    (("name",), ("number", "roll_number"), ("school", "school_code", "room", "boarding")),
)  # fmt: skip
FOUND = Layout(
    {
        "serial": SERIAL, "name": NAME, "sex": SEX, "birth": BIRTH, "age": ("周岁", "年龄", "岁数", "大约年龄"), "number": NUMBER,
        "township": TOWNSHIP, "village_code": VILLAGE_CODE, "village": (*VILLAGE, "住在哪个村"), "group": GROUP,
        "guardian": ("监护人", "监护人姓名", "家长姓名", "家长"), "phone": PHONE,
        "whereabouts": ("现在哪里、做什么", "现在哪里做什么", "现在何处", "去向", "现状", "现在情况"), "found_on": ("发现日期", "摸排日期", "入户日期"),
    },
    (("name",), ("whereabouts",), ("found_on",)),
)  # fmt: skip
FURTHER = {
    "monitored": MONITORED, "low_income": LOW_INCOME, "policy_ended": POLICY_ENDED, "risk_cleared": RISK_CLEARED, "martyrs": MARTYRS,
    "state_paid": STATE_PAID, "platform": PLATFORM, "movements": MOVEMENTS, "elsewhere": ELSEWHERE, "boarding": BOARDERS, "found": FOUND,
}  # fmt: skip
