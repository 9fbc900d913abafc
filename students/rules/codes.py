"""Code tables and their readers (domain.md §4.4, §4.5, §4.6, §4.10, §5.3). Every reader returns (value or None, problem sentence).

An empty cell is (None, "") unless the table says what empty means. Tables live here; dated county overrides live in the database.
Readers are cached: a list of 174,000 rows has a few dozen different words.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from students.rules.standings import STANDINGS as STANDINGS

SEXES = {"1": "男", "2": "女"}  # GB/T 2261.1

ETHNIC_LIST = (
    "01汉 02蒙古 03回 04藏 05维吾尔 06苗 07彝 08壮 09布依 10朝鲜 11满 12侗 13瑶 14白 15土家 16哈尼 17哈萨克 18傣 19黎 20傈僳 21佤 22畲 "
    "23高山 24拉祜 25水 26东乡 27纳西 28景颇 29柯尔克孜 30土 31达斡尔 32仫佬 33羌 34布朗 35撒拉 36毛南 37仡佬 38锡伯 39阿昌 40普米 "
    "41塔吉克 42怒 43乌孜别克 44俄罗斯 45鄂温克 46德昂 47保安 48裕固 49京 50塔塔尔 51独龙 52鄂伦春 53赫哲 54门巴 55珞巴 56基诺"
)
ETHNIC_GROUPS = {entry[:2]: entry[2:] + "族" for entry in ETHNIC_LIST.split()} | {
    "96": "穿青人", "97": "其他", "98": "外国血统中国籍人士", "99": "未说明",
}  # fmt: skip
ETHNIC_ALIASES = {"毛难": "36", "崩龙": "46", "佧佤": "21", "外国血统": "98", "入籍": "98", "革家人": "97", "未定族称": "97"}


@dataclass(frozen=True)
class SchoolKind:
    """``stages`` in the order of age: the sections a school of this kind offers unless it declares others."""

    code: str
    label: str
    stages: tuple[str, ...]
    aliases: tuple[str, ...] = ()


KINDS = (
    SchoolKind("kindergarten", "幼儿园", ("pre",), ("学前", "学前教育", "托幼", "幼儿班")),
    SchoolKind("primary", "小学", ("pri",), ("完全小学", "完小", "普通小学", "中心小学", "初小")),
    SchoolKind("teaching_point", "教学点", ("pri",), ("小学教学点",)),
    SchoolKind("junior", "初中", ("jun",), ("初级中学", "普通初中", "独立初中", "职业初中")),
    SchoolKind("nine_year", "九年一贯制", ("pri", "jun"), ("九年制", "九年一贯", "九年义务教育")),
    SchoolKind("twelve_year", "十二年一贯制", ("pri", "jun", "sen"), ("十二年制", "十二年一贯")),
    SchoolKind("complete_secondary", "完全中学", ("jun", "sen"), ("完中", "高完中")),
    SchoolKind("senior", "普通高中", ("sen",), ("高中", "普高", "高级中学", "独立高中")),
    SchoolKind(
        "vocational", "中职", ("voc",), ("中等职业", "职业高中", "职高", "中专", "技校", "技工", "职业技术", "职业教育中心", "职教中心")
    ),
    SchoolKind("special", "特殊教育", ("spe",), ("特教", "特校", "培智", "盲人", "聋人")),
    SchoolKind("specialised", "专门学校", ("jun",), ("工读", "专门")),
)
SCHOOL_KINDS = {kind.code: kind for kind in KINDS}
STAGE_ALIASES = {
    "pre": ("学前", "学前教育", "幼儿园", "幼儿"), "pri": ("小学", "小学教育"), "jun": ("初中", "普通初中", "初级中学", "七年级至九年级"),
    "sen": ("高中", "普通高中", "普高"), "voc": ("中职", "中等职业", "中等职业教育", "职高", "职业高中", "中专", "技校", "技工"),
    "spe": ("特殊教育", "特教"), "hvoc": ("高职", "大专", "专科", "高职高专"), "ug": ("本科", "大学本科"),
    "pg": ("硕士", "研究生", "硕士研究生"),
    "phd": ("博士", "博士研究生"),
}  # fmt: skip

RELATIONS = {
    "head": ("户主", "本人", "本人或户主"), "spouse": ("配偶", "夫", "妻", "丈夫", "妻子"),
    "son": ("子", "儿子", "独生子", "长子", "次子", "二子", "三子", "四子", "养子", "继子"),
    "daughter": ("女", "女儿", "独生女", "长女", "次女", "二女", "三女", "四女", "养女", "继女"), "child": ("子女",),
    "son_in_law": ("女婿",), "daughter_in_law": ("儿媳",), "grandson": ("孙子", "孙"), "granddaughter": ("孙女",),
    "daughters_son": ("外孙子", "外孙"), "daughters_daughter": ("外孙女",),
    "grandchild": ("孙子女", "孙子孙女", "孙子、孙女", "孙子或孙女"),
    "great_grandchild": ("曾孙子", "曾孙女", "曾孙", "重孙"), "father": ("父亲", "父", "爸爸", "继父", "养父"),
    "mother": ("母亲", "母", "妈妈", "继母", "养母"), "parent": ("父母",), "paternal_grandfather": ("祖父", "爷爷"),
    "paternal_grandmother": ("祖母", "奶奶"), "maternal_grandfather": ("外祖父", "外公", "姥爷"),
    "maternal_grandmother": ("外祖母", "外婆", "姥姥"), "parent_in_law": ("公公", "婆婆", "岳父", "岳母"),
    "brother": ("兄", "弟", "哥哥", "弟弟", "兄弟"), "sister": ("姐", "妹", "姐姐", "妹妹", "姐妹"), "sibling": ("兄弟姐妹", "兄/姐"),
    "uncle_or_aunt": ("叔父", "伯父", "叔叔", "伯伯", "姑姑", "姑母", "舅舅", "姨妈", "叔伯"), "nephew": ("侄子", "外甥", "侄儿"),
    "niece": ("侄女", "外甥女"), "other_relative": ("其他亲属", "亲属"), "other_guardian": ("其他监护人", "监护人"),
    "not_related": ("非亲属", "其他", "寄居人", "集体户成员"),
}  # fmt: skip
RELATION_LABELS = {code: words[0] for code, words in RELATIONS.items()}


@dataclass(frozen=True)
class State:
    """A state read from a list; ``counts`` answers the list's own question: on the roll, in the classroom, registered."""

    code: str
    label: str
    counts: bool
    words: tuple[str, ...]


ROLL_STATES = (  # 辍学 is a mark, not a change of the roll (domain.md §4.5): such a pupil is still on it
    State(
        "enrolled",
        "在读",
        True,
        ("在校", "在读", "正常", "在籍", "注册", "借读", "复学", "在籍在校", "有学籍", "在册", "在园", "是", "有", "√", "1", "01"),
    ),
    State("suspended", "休学", True, ("休学",)),
    State("transferring", "转出在途", True, ("转出在途", "转学中", "转出中")),
    State("suspected", "疑似辍学", True, ("疑似辍学",)),
    State("dropped_out", "辍学", True, ("辍学", "失学")),
    State("home_teaching", "送教", True, ("送教", "送教上门")),
    State("transferred", "已转出", False, ("转出", "已转出", "转学", "转学转出")),
    State("graduated", "毕业", False, ("毕业", "已毕业")),
    State("completed", "结业", False, ("结业",)),
    State("left_early", "肄业", False, ("肄业",)),
    State("withdrawn", "退学", False, ("退学", "开除", "自动退学")),
    State("abroad", "出国", False, ("出国", "出境", "出国(境)")),
    State("deceased", "死亡", False, ("死亡", "已死亡", "去世")),
    State("missing", "失踪", False, ("失踪",)),
    State("left_otherwise", "其他离校", False, ("其他离校", "离校", "注销", "撤销", "无学籍", "不在籍", "否", "无", "×", "0")),
)
ATTENDING_STATES = (
    State(
        "present",
        "在校",
        True,
        ("在校", "在读", "正常", "到校", "已到校", "已报到", "报到", "是", "在籍在校", "在籍", "在园", "有", "√", "1", "01"),
    ),
    State("on_leave", "请假", True, ("请假", "病假", "事假")),
    State("home_teaching", "送教", True, ("送教", "送教上门")),
    State(
        "absent",
        "未到校",
        False,
        ("未到校", "未报到", "不在校", "缺勤", "未返校", "否", "在籍不在校", "未到", "未在校", "人不在校", "长期缺课", "无", "×", "0"),
    ),
    State("left", "离校", False, ("离校", "其他离校")),
    State("suspended", "休学", False, ("休学",)),
    State("dropped_out", "辍学", False, ("辍学", "失学", "流失", "疑似辍学")),
    State("transferred", "转出", False, ("转出", "已转出", "转学")),
    State("graduated", "毕业", False, ("毕业", "已毕业")),
    State("withdrawn", "退学", False, ("退学", "开除")),
    State("deceased", "死亡", False, ("死亡", "去世")),
)
REGISTRY_STATES = (
    State("registered", "正常", True, ("正常", "在册", "有效", "常住", "迁入", "出生", "恢复户口")),
    State("moved_out", "迁出", False, ("迁出", "户籍迁出", "已迁出", "市外迁出", "县外迁出", "迁往")),
    State("deceased", "死亡", False, ("死亡", "已死亡", "死亡注销")),
    State("cancelled", "注销", False, ("注销", "销户", "已注销", "户口注销")),
    State("duplicate", "重户", False, ("重户", "重复户口", "双重户口", "重复户籍", "重户注销")),
    State("abroad", "出国定居", False, ("出国", "出国定居", "出境定居", "加入外国籍")),
    State("enlisted", "服兵役", False, ("服兵役", "参军", "入伍")),
)
MOVED_OUT, CANCELLED = REGISTRY_STATES[1], REGISTRY_STATES[3]


@dataclass(frozen=True)
class Group:
    """A special group. ``source``: the list that proves it — poverty, civil_affairs, disabled, veterans or school."""

    code: str
    slug: str
    label: str
    source: str
    words: tuple[str, ...]


GROUP_LIST = (
    Group(
        "P1", "poverty_registered", "建档立卡贫困家庭学生", "poverty",
        ("建档立卡", "建档立卡户", "建档立卡贫困户", "贫困户", "未脱贫", "未脱贫户"),
    ),
    Group(
        "P2", "lifted_from_poverty", "脱贫家庭学生", "poverty",
        ("脱贫户", "一般脱贫户", "稳定脱贫户", "已脱贫", "已脱贫户", "脱贫家庭", "脱贫享受政策"),
    ),
    Group("P3", "unstable", "脱贫不稳定家庭学生", "poverty", ("脱贫不稳定户", "脱贫不稳定", "脱贫不稳定家庭", "脱贫监测户")),
    Group("P4", "marginal", "边缘易致贫家庭学生", "poverty", ("边缘易致贫户", "边缘易致贫", "边缘户", "边缘易致贫家庭")),
    Group("P5", "sudden_hardship", "突发严重困难家庭学生", "poverty", ("突发严重困难户", "突发严重困难", "突发困难户", "突发严重困难家庭")),
    Group(
        "D0", "minimum_living", "最低生活保障家庭学生（未分城乡）", "civil_affairs",
        ("低保", "低保户", "最低生活保障", "最低生活保障家庭", "低保对象"),
    ),
    Group("D1", "rural_minimum_living", "农村最低生活保障家庭学生", "civil_affairs", ("农村低保", "农低保", "农村最低生活保障")),
    Group(
        "D2", "urban_minimum_living", "城市最低生活保障家庭学生", "civil_affairs",
        ("城市低保", "城低保", "城镇低保", "城市最低生活保障"),
    ),
    Group(
        "D3", "minimum_living_margin", "最低生活保障边缘家庭学生", "civil_affairs",
        ("低保边缘", "低保边缘户", "低保边缘家庭", "最低生活保障边缘"),
    ),
    Group(
        "D4", "destitute", "特困救助供养学生", "civil_affairs",
        ("特困", "分散供养", "集中供养", "特困供养", "特困人员", "特困救助供养", "农村特困", "城市特困", "五保", "五保户"),
    ),
    Group("D5", "rigid_expense", "刚性支出困难家庭学生", "civil_affairs", ("刚性支出", "刚性支出困难", "支出型困难", "支出型")),
    Group("D6", "low_income", "其他低收入家庭学生", "civil_affairs", ("低收入", "其他低收入", "低收入家庭")),
    Group("O1", "orphan", "孤儿", "civil_affairs", ("孤儿", "散居孤儿", "机构孤儿", "社会散居孤儿")),
    Group("O2", "de_facto_unattended", "事实无人抚养儿童", "civil_affairs", ("事实无人抚养", "事实无人抚养儿童", "事实孤儿")),
    Group("C1", "disabled_pupil", "残疾学生", "disabled", ("残疾学生", "残疾")),
    Group("C2", "disabled_parents", "残疾人子女", "disabled", ("残疾人子女",)),
    Group("M1", "martyrs_child", "烈士子女", "veterans", ("烈士子女", "烈士")),
    Group("Z1", "calamity", "受灾或遭遇意外、重病家庭学生", "school", ("自然灾害", "突发意外", "重大疾病", "受灾")),
    Group("Z9", "school_recognised", "其他经学校认定的困难学生", "school", ("其他", "学校认定")),
    # no group that benefits: denials, which overrule the lists that grant (domain.md §5.4, lists 9 and 10), and the state's payroll
    Group("N1", "policy_ended", "脱贫不享受政策", "denial", ("脱贫不享受政策", "不享受政策")),
    Group("N2", "risk_cleared", "监测风险已消除", "denial", ("风险已消除", "已消除")),
    Group("F1", "state_paid", "财政供养人员", "finance", ("财政供养",)),
)  # fmt: skip
GROUPS = {group.code: group for group in GROUP_LIST}
POLICY_ENDED, RISK_CLEARED, STATE_PAID = "N1", "N2", "F1"
OVERRULED = {POLICY_ENDED: ("P1", "P2"), RISK_CLEARED: ("P3", "P4", "P5")}  # a denial in force ends what these grant
NO_BENEFIT = (*OVERRULED, STATE_PAID)
DISABILITY_CATEGORY_WORDS = {
    "1": ("视力",), "2": ("听力",), "3": ("言语", "语言"), "4": ("肢体",), "5": ("智力",), "6": ("精神",), "7": ("多重",),
}  # fmt: skip
DISABILITY_LEVEL_WORDS = {
    "1": ("一级", "1级", "壹级"),
    "2": ("二级", "2级", "贰级"),
    "3": ("三级", "3级", "叁级"),
    "4": ("四级", "4级", "肆级"),
}


def bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def by_word(tables: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {bare(word): code for code, words in tables.items() for word in words}


def look_up(text: str, words: dict[str, str], noun: str) -> tuple[str | None, str]:
    word = bare(text)
    if not word:
        return None, ""
    code = words.get(word)
    return (code, "") if code else (None, f"{noun}“{text.strip()}”不认识")


def within(text: str, words: dict[str, str], noun: str) -> tuple[str | None, str]:
    """look_up, else the longest known word inside the text: 农村低保A类 is 农村低保. Words of equal length must mean the same, and a
    denial (非低保, 不是孤儿) is nothing."""
    code, problem = look_up(text, words, noun)
    if not problem or bare(text)[0] in "非不无未否":
        return code, problem
    found = [word for word in words if len(word) > 1 and word in bare(text)]
    longest = {words[word] for word in found if len(word) == max(map(len, found))}
    return (longest.pop(), "") if len(longest) == 1 else (None, problem)


SEX_WORDS = by_word({"1": ("男", "男性", "1"), "2": ("女", "女性", "2")})
RELATION_WORDS = by_word(RELATIONS)
ETHNIC_WORDS = {label.removesuffix("族"): code for code, label in ETHNIC_GROUPS.items()} | ETHNIC_ALIASES
KIND_WORDS = by_word({kind.code: (kind.label, *kind.aliases) for kind in KINDS})
STAGE_WORDS = by_word(STAGE_ALIASES)
CATEGORY_WORDS = by_word(DISABILITY_CATEGORY_WORDS)
LEVEL_WORDS = by_word(DISABILITY_LEVEL_WORDS)
STATE_WORDS = {
    table: {bare(word): state for state in table for word in state.words} for table in (ROLL_STATES, ATTENDING_STATES, REGISTRY_STATES)
}


@lru_cache(maxsize=4096)
def parse_sex(text: str) -> tuple[str | None, str]:
    """Male "1", female "2"; GB/T 2261.1 digits are read too."""
    return look_up(text, SEX_WORDS, "性别")


@lru_cache(maxsize=4096)
def parse_ethnic(text: str) -> tuple[str | None, str]:
    """Two-digit code of GB/T 3304, from a name with or without 族 or from the code itself."""
    word = bare(text)
    if word.isdigit() and word.zfill(2) in ETHNIC_GROUPS:
        return word.zfill(2), ""
    return look_up(word if word in ETHNIC_WORDS else word.removesuffix("族"), ETHNIC_WORDS, "民族")


@lru_cache(maxsize=4096)
def parse_relation(text: str) -> tuple[str | None, str]:
    """A key of RELATIONS: to the head of the household (子, 之女, 孙子) or of a guardian to the child (父亲, 其他监护人)."""
    word = bare(text)
    return look_up(word.removeprefix("之") or word, RELATION_WORDS, "关系")


@lru_cache(maxsize=4096)
def parse_school_kind(text: str) -> tuple[str | None, str]:
    """A key of SCHOOL_KINDS; 学校 at the end may be written or not; 公办小学 is 小学."""
    word = bare(text)
    return within(word if word in KIND_WORDS else word.removesuffix("学校"), KIND_WORDS, "办学类型")


@lru_cache(maxsize=4096)
def parse_stage(text: str) -> tuple[str | None, str]:
    """A stage code from a stage column; also hvoc, ug, pg and phd, which other lists name."""
    word = bare(text)
    return look_up(word if word in STAGE_WORDS else word.removesuffix("阶段").removesuffix("教育"), STAGE_WORDS, "学段")


def plain_stage(text: str) -> str:
    """The stage as the word that stands before a grade: 小学 for 小学阶段; "" for one that has no grades here."""
    return {"pri": "小学", "jun": "初中", "sen": "高中", "voc": "中职", "spe": "特教"}.get(parse_stage(text)[0] or "", "")


def parse_state(text: str, table: tuple[State, ...], noun: str) -> tuple[State | None, str]:
    """Empty means the first state of the table: a list without the column lists those who are there."""
    word = bare(text)
    if not word:
        return table[0], ""
    state = STATE_WORDS[table].get(word) or state_within(word, table)
    return (state, "") if state else (None, f"{noun}“{text.strip()}”不认识")


def state_within(word: str, table: tuple[State, ...]) -> State | None:
    """正常(借读) by the word it holds, one that ends a stay before one that does not; 未注销 is the contrary of 注销."""
    if word[0] in "未无没非不":
        denied = STATE_WORDS[table].get(word.lstrip("未无没非不有"))
        return table[0] if denied and not denied.counts else None
    found = [(not state.counts, len(known), known) for known, state in STATE_WORDS[table].items() if len(known) > 1 and known in word]
    return STATE_WORDS[table][max(found)[2]] if found else None


@lru_cache(maxsize=1024)
def parse_roll_state(text: str) -> tuple[State | None, str]:
    return parse_state(text, ROLL_STATES, "学籍状态")


@lru_cache(maxsize=1024)
def parse_attending_state(text: str) -> tuple[State | None, str]:
    return parse_state(text, ATTENDING_STATES, "在校情况")


@lru_cache(maxsize=1024)
def parse_registry_state(text: str) -> tuple[State | None, str]:
    return parse_state(text, REGISTRY_STATES, "人员状态")


@lru_cache(maxsize=1024)
def parse_cancelled(text: str) -> tuple[State | None, str]:
    """The column 注销标识: 是 or 1 means struck off, 否 or 0 registered; words of a state are read as well."""
    word = bare(text)
    if word in ("是", "1", "√", "有", "Y", "y"):
        return CANCELLED, ""
    return (REGISTRY_STATES[0], "") if word in ("否", "0", "无", "×", "N", "n", "") else parse_registry_state(text)


@lru_cache(maxsize=4096)
def parse_group(text: str, source: str, noun: str) -> tuple[str | None, str]:
    return within(text, by_word({group.code: group.words for group in GROUP_LIST if group.source == source}), noun)


def parse_household_type(text: str) -> tuple[str | None, str]:
    """Group code P1–P5 from the type of a household on the poverty list."""
    return parse_group(text, "poverty", "户类型")


def parse_civil_affairs(text: str) -> tuple[str | None, str]:
    """Group code D0–D6, O1 or O2; D0 where the list does not tell town from country."""
    return parse_group(text, "civil_affairs", "救助类别")


@lru_cache(maxsize=4096)
def parse_disability_category(text: str) -> tuple[str | None, str]:
    """Digit 1–7 as on the card, from 肢体, 肢体残疾 or the digit."""
    word = bare(text)
    return (word, "") if word in DISABILITY_CATEGORY_WORDS else within(word.removesuffix("残疾"), CATEGORY_WORDS, "残疾类别")


@lru_cache(maxsize=4096)
def parse_disability_level(text: str) -> tuple[str | None, str]:
    """Digit 1–4 as on the card, from 三级, 叁级 or the digit."""
    word = bare(text)
    return (word, "") if word in DISABILITY_LEVEL_WORDS else within(word, LEVEL_WORDS, "残疾等级")
