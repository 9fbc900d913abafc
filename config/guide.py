"""What each role does here, in plain words, for the help page: the main acts with the page where each is done.

An act is (words, URL name); the page shows the link only to whom the menu shows it. It says what exists, not what is planned.
"""

from config import navigation
from core.roles import ROLES
from core.scope import grants_of

LISTS, MATCHES, ACCOUNT, SUSPECTS = "students:snapshot_list", "students:match_list", "students:comparison", "dropout:suspect_list"
ATTENDANCE, CALENDAR, ABSENCES = "students:attendance_day", "students:calendar_list", "dropout:absence_list"
CASES, REPORTS, CHILDREN, SCHOOLS = "dropout:case_list", "archives:report_list", "students:child_list", "students:school_list"
ROLLS = "students:roll_change_list"
STATUSES, CHECKS = "students:status_account", "students:check_list"
ACCOUNTS, AUDIT, PARAMETERS = "core:account_list", "core:audit_list", "parameter_list"

READ_LISTS = (
    ("导入部门名单：上传、看预览、核对后批准入库；有错的行可以下载带原因的工作簿改好再传", LISTS),
    ("下载预填表：现有名单填好了带回去用 WPS 改，改好再上传，没改的行不算变化", LISTS),
    ("确认系统找出的疑似同一人（证件号差一位等），合并、拆分学生记录，办错了可以撤销", MATCHES),
    ("判断号码争议：同一证件号下姓名和出生日期（或性别）都不同的，先按两个孩子记；由您判断是不是同一人、号码是谁的", MATCHES),
)
READ_ALL = (("查看总账、个案和月报，导出名单，不作改动", ACCOUNT),)
CONTACT = ("在学生页登记实际照护的人、电话和现住址，走访和打印都用它", CHILDREN)
VISIT = ("走访后在手机上记录：见到谁、对方怎么说、下次什么时候去，可拍照、签名", CASES)
FILL = ("填报名单：下载本单位的预填表，离线填好再上传，由教育局核对入库", "students:filled_list")
MARK = ("每天上午、下午登记考勤：全到点一下；没到的点“缺”或“假”，请假要有假条；没有网络时先下载考勤表，填好再传", ATTENDANCE)
KEEP_DAYS = ("登记校历：大小周、月假、农忙假、停课、补课，缺勤计时按它计算", CALENDAR)
FAILED_RUNS = ("看交给系统、没有做完的任务：是什么、为什么停下；毛病除了以后再试一次", "core:run_list")
ACTS = {
    "bureau_admin": (
        *READ_LISTS, ("撤销入错的最近一批名单", LISTS), ("开设账号、授予角色、办理交接", ACCOUNTS), ("设定统计日、报送日等县级参数", PARAMETERS),
        ("生成月报、看谁还没有报", REPORTS), FAILED_RUNS, ("查谁看过、改过什么", AUDIT),
    ),
    "bureau_head": (("复核核减，批准或退回销号", CASES), ("批准名单入库", LISTS), ("看全县总账：每个适龄儿童在哪里", ACCOUNT)),
    "aid_officer": READ_LISTS,
    "dropout_officer": (
        ("签收缺勤报告，看哪些学校没有及时报告、没有登记考勤", ABSENCES),
        ("看逐人去向：登记或复核去向，全部说明后固定总账", STATUSES),
        ("看总账，从“户籍有、学校没有”的孩子中列出疑似", SUSPECTS), ("按平台序号逐条核查下发名单，导出答复", "dropout:platform_list"),
        ("复核核减，批准销号", CASES), ("接收教育组报来的月报，催报", REPORTS), *READ_LISTS,
    ),
    "roll_officer": (
        *READ_LISTS, ("每年 9 月办理学年升级，查小升初未升学的学生", "students:year_turn_list"),
        ("核办学籍异动，抽查打电话问家长是不是自愿", ROLLS), ("撤销入错的最近一批名单", LISTS), ("查学籍：有学籍不在校、在校无学籍、双重学籍", ACCOUNT),
    ),
    "finance_officer": (("查学生、学校", CHILDREN),),
    "archivist": (("查月报、个案，下载打印", REPORTS),),
    "auditor": (*READ_ALL, ("查谁看过、改过什么", AUDIT)),
    "system_admin": (("开设、停用账号，重置密码，办理交接；看不到学生", ACCOUNTS), FAILED_RUNS, ("查登录和越权尝试", AUDIT)),
    "township_officer": (
        ("签收学校送来的缺勤报告，核实学生在哪里", ABSENCES),
        ("疑似个案 48 小时内核实：确认辍学，或附证明提出核减", CASES), ("确认后安排双线责任人", CASES), VISIT, ("孩子回来了，登记返校", CASES),
        ("从总账中列出疑似", SUSPECTS), FILL, ("核对迁入登记：迁入的孩子公安名单里有没有", "students:household_list"), ("四查：每查完一个村登记一次；发现名单里没有的孩子当场上报", CHECKS),
    ),
    "township_head": (("看本乡镇的总账和个案到了哪一步", CASES), ("巩固期满，提出销号", CASES)),
    "group_head": (
        ("接收本组学校的月报，不对的写明原因退回", REPORTS), ("没有网络的学校：打印纸质月报，盖章收回后上传扫描件、登记纸质已收", REPORTS),
        ("登记返校、安置", CASES),
    ),
    "village_liaison": (VISIT, ("入户时发现名单里没有的孩子，当场上报；没有网络时先填表，回来再传", CHECKS), FILL, CONTACT),
    "principal": (
        ("审核本校转出、转入、休学等学籍异动", ROLLS), ("核对月报并签字（要再输一次密码）", REPORTS), ("返校学生巩固期满，提出销号", CASES), ("看本校学生和总账", SCHOOLS), MARK, KEEP_DAYS,
    ),
    "school_aid_admin": (("查本校学生、特殊群体；需要完整证件号时写明事由", CHILDREN),),
    "school_clerk": (
        ("办转学、休学、复学：在学生页申请，监护人签名、上传证明；县外来的从“接收转入学生”开始", ROLLS),
        ("每月填报月报：数字由系统算好，写第二部分；本月无变化可报零报告", REPORTS), ("学生旷课多日找不到，在学生页“列为疑似”", CHILDREN),
        ("返校学生登记安置、出勤", CASES), FILL, VISIT, MARK, KEEP_DAYS,
    ),
    "class_teacher": (("开学登记本班报到：只标没有来的学生；登记住校名单", "students:arrival_overview"), MARK, VISIT, ("看本班学生", CHILDREN)),
    "support_teacher": (VISIT, ("看所帮扶班级的学生", CHILDREN)),
}  # fmt: skip


def chapters(user):
    """(own, others): one chapter a role, {"label", "acts": [(words, address)]}; others without addresses, so that a link is never
    refused.
    """
    held = {grant.role for grant in grants_of(user)}
    pages = navigation.pages_of(user)
    own = [_chapter(role, pages) for role in ROLES if role.code in held]
    return own, [_chapter(role, {}) for role in ROLES if role.code not in held]


def _chapter(role, pages):
    return {"label": role.label, "acts": [(words, pages.get(name, "")) for words, name in ACTS[role.code]]}
