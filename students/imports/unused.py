"""Headings that lists carry and nobody needs here: a person is not asked what they are (domain.md §4.3)."""

from core.spreadsheets import normalise_heading

WORDS = """
备注 说明 备考 籍贯 出生地 国籍 国籍/地区 国籍地区 港澳台侨外 港澳台侨 政治面貌 健康状况 照片 姓名拼音 曾用名 身份证件有效期 证件有效期 户口性质 户别 特长 入学方式 学生来源 通信地址
通讯地址 家庭地址 邮政编码 邮编 电子信箱 主页 主页地址 是否独生子女 独生子女 是否受过学前教育 随班就读 是否随班就读 是否由政府购买学位 是否需要申请资助 是否享受一补 上下学距离 上下学方式 是否乘坐校车
校车 是否烈士或优抚子女 主管教育行政部门 省 市 县 区县 省市区 市州 省份 所属派出所 派出所 何时由何地迁来 监护人一身份号码 监护人二姓名 监护人二身份号码 班主任 班主任电话 填报人 填报日期 审核人 日期
年龄 周岁 文化程度 劳动技能 务工情况 开户银行 开户行 银行账号 账号 户名 开户人 人均纯收入 家庭人口数 家庭人口 人口数 婚姻状况 职业 宗教信仰 血型 兵役状况 服务处所 学校所在地 办学性质 举办者 校长 建校年份
学校地址 城乡分类 邮政 传真 保障金额 补助金额 保障人口 保障人数 低保证号 救助证号 月保障金额 监护人证件号 家长身份证号 监护人身份证号 监护人身份证 父亲身份证号 母亲身份证号 母亲姓名 母亲电话 父亲电话
发证机关 监测时间 识别时间 纳入监测时间 消除时间 致贫原因 返贫风险 风险类型 帮扶措施 帮扶责任人 帮扶人 是否义务教育 毕业学校 班级人数 宿舍 床号 座位号 考号 学生编号 操作 审核状态 数据来源 更新时间
""".split()  # noqa: SIM905  a wall of words reads better so
UNUSED = frozenset(map(normalise_heading, WORDS))


def is_unused(heading):
    """Whether the heading, or its own part below a merged one, is known and not needed."""
    child = heading.rpartition("/")[2]
    return normalise_heading(heading) in UNUSED or normalise_heading(child) in UNUSED
