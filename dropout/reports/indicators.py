"""Indicators by dimension, each with its numerator and denominator and the names behind both (domain.md §3.13).

One statement a source, whatever the number of children and dimensions. What the lists cannot carry yet is "—", with the reason and what
is needed (dropout.reports.indicator_needs).
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.models import Parameter
from dropout.reports.indicator_sources import TAUGHT, read
from students import statuses
from students.dimensions import DIMENSIONS
from students.reports import indicator_needs as needs
from students.rules.indicators import Rate

CAP_RETENTION, ENTRY_DAYS = 1, 3  # county parameters cap_retention (1: 100 at most) and entry_days


@dataclass(frozen=True)
class Indicator:
    """`part` and `whole`: SQL conditions on the facts of `source`, `words` what they count. `span`: of which days the figures are.
    `missing(facts)`: why the figure is "—", or None (indicator_needs). `unit`: what one line behind the figures is."""

    key: str
    label: str
    source: str
    part: str
    whole: str
    words: tuple[str, str]
    formula: str
    span: str = needs.DAY
    missing: Callable = needs.nothing
    capped: bool = False
    unit: str = "人"
    note: str = ""

    def condition(self, side):
        return self.whole if side == "whole" else self.part


PRI, JUN, NINE = (f"span = '{span}' and expected" for span in ("pri", "jun", "nine"))
RETENTION = "毕业生数 ÷（入学时招生数 ＋ 转入 － 转出 － 死亡）"
LEAVING = "转出、出国（境）、死亡和有外地就读证明的不算应巩固；没有证明离开的仍算；休学的算应巩固、不算毕业。"
INDICATORS = (
    Indicator("enrolment", "适龄儿童入学率", "lines", "status = any(%(taught)s)", "true", ("已入学", "适龄人口"),
              "已入学的适龄人口 ÷ 户籍适龄人口", note="在校、特教、送教、劝返在校和外地就读有证明的算入学，休学不算。"),
    Indicator("disabled", "残疾儿童入学率", "lines", "status = any(%(taught)s) and disability = 'yes'", "disability = 'yes'",
              ("已入学", "持证适龄残疾儿童"), "已入学（随班就读、特教学校、送教上门）的持证适龄残疾儿童 ÷ 持证适龄残疾儿童"),
    Indicator("nine_year", "九年义务教育巩固率", "cohorts", f"{NINE} and graduated", NINE, ("初中毕业", "九年前入学并应巩固"),
              f"初中{RETENTION}，自小学入学算起", needs.COHORT, needs.cohort("nine"), True, note=LEAVING),
    Indicator("primary_kept", "小学巩固率", "cohorts", f"{PRI} and graduated", PRI, ("小学毕业", "入学并应巩固"),
              f"小学{RETENTION}", needs.COHORT, needs.cohort("pri"), True, note=LEAVING),
    Indicator("junior_kept", "初中巩固率", "cohorts", f"{JUN} and graduated", JUN, ("初中毕业", "入学并应巩固"),
              f"初中{RETENTION}", needs.COHORT, needs.cohort("jun"), True, note=LEAVING),
    Indicator("year_kept", "年巩固率", "year", "span = 'kept' and present", "span = 'kept' and expected", ("在校", "应在校"),
              "这一天在校 ÷（学年初在校 ＋ 转入 － 转出 － 死亡）", needs.YEAR, needs.year_began, True, note=LEAVING),
    Indicator("dropout", "辍学率", "year", "span = 'dropout'", "span = 'began'", ("本学年确认辍学", "学年初在校"),
              "本学年到这一天确认辍学（没有核减的）÷ 学年初在校生数", needs.YEAR, needs.year_began,
              note="劝返的仍计入；曾用的限值：小学不超过 0.6%，初中不超过 1.8%。"),
    Indicator("arrival", "报到率", "arrivals", "came", "true", ("已报到", "应报到"), "实际报到人数 ÷ 应报到人数", needs.TERM, needs.counted,
              note="应报到：学籍在册、没有休学的学生；没有登记的班按未报到计；后来到校的算报到。"),
    Indicator("first_week", "未报到走访及时率", "first_week", "timely", "true", ("期限内走访或到校", "应走访"),
              "期限内走访到或已到校的 ÷ 到期应走访的未报到学生", needs.TERM, needs.counted),
    Indicator("promotion", "小升初升学率", "promotion", "went_on", "true", ("升入初中", "小学毕业"),
              "升入初中（含县外有证明）人数 ÷ 小学毕业生数", needs.SUMMER, needs.turned, note="小学毕业生：上学年末最高年级在籍、没有留在小学的。"),
    Indicator("checked", "核查率", "cases", "state <> 'suspected'", "true", ("已核查", "疑似总数"), "已核查人数 ÷ 疑似总数", needs.EVER),
    Indicator("settled", "“两库户籍”核减率", "cases", "not still_suspected", "true", ("核减、劝返、转入台账", "疑似总数"),
              "（核减 ＋ 劝返安置 ＋ 转入辍学台账）÷ 疑似总数", needs.EVER),
    Indicator("net_removal", "净核减率", "cases", "state = 'removed'", "true", ("核减", "疑似总数"), "核减人数 ÷ 疑似总数", needs.EVER),
    Indicator("persuasion", "劝返率", "cases", "confirmed and returned", "confirmed", ("已劝返到校", "确认辍学"),
              "已劝返到校人数 ÷ 确认辍学（失学）人数", needs.EVER, note="自建账起累计，一人多次辍学只算一人。"),
    Indicator("kept", "返校巩固率", "cases", "returned and not away", "returned", ("返校未再辍", "返校总数"),
              "（返校总数 － 再次辍学未返）÷ 返校总数", needs.EVER, note="返校后毕业的留在分子里。"),
    Indicator("report48", "缺勤报告及时率", "absences", "timely", "true", ("按时报告", "应报告"), "按时报告的缺勤 ÷ 应报告的缺勤",
              needs.YEAR, needs.marked, unit="件"),
    Indicator("revisit", "回访及时率", "visits", "timely", "true", ("按约定回访", "到期应回访"),
              "约定日期以前再次走访（或已返校、核减、销号）的 ÷ 到期的约定", needs.YEAR, unit="次"),
    Indicator("entry", "录入及时率", "entries", "timely", "true", ("期限内录入", "应录入"), "发生后规定天数内录入的个案环节和走访 ÷ 全部",
              needs.YEAR, unit="条", note="规定天数见县级参数“个案录入期限”。"),
)  # fmt: skip
INDICATOR = {row.key: row for row in INDICATORS}


def names_of(ask):
    """What the statements ask for by name."""
    entry_days = int(Parameter.objects.value_of("entry_days", ask.on, ENTRY_DAYS))
    return ask.names(taught=list(TAUGHT), entry_days=entry_days, **statuses.year_terms(ask), **needs.terms(ask.on))


def counted(ask, indicators=INDICATORS, dimensions=tuple(DIMENSIONS)):
    """{dimension: {value: {key: Rate}}}, the whole under "" and ""; the values' parts and wholes add up to the whole's."""
    names, capped = names_of(ask), bool(Parameter.objects.value_of("cap_retention", ask.on, CAP_RETENTION))
    found = {name: {} for name in ("", *dimensions)}
    found[""][""] = {row.key: Rate(0, 0, row.capped and capped) for row in indicators}
    for source in dict.fromkeys(row.source for row in indicators):
        wanted = [row for row in indicators if row.source == source]
        for name, value, *figures in _counted_in(source, wanted, dimensions, names):
            held = found[name].setdefault(value, {row.key: Rate(0, 0, row.capped and capped) for row in indicators})
            for row, part, whole in zip(wanted, figures[::2], figures[1::2], strict=True):
                held[row.key] = Rate(part, whole, row.capped and capped)
    return found


def _counted_in(source, wanted, dimensions, names):
    """(dimension, value, part, whole, part, whole …) of one source, by every dimension at once."""
    counts = ", ".join(f"count(*) filter (where {row.part}), count(*) filter (where {row.whole})" for row in wanted)
    sets = ", ".join(f"({name})" for name in dimensions)
    which = "".join(f" when grouping({name}) = 0 then '{name}'" for name in dimensions)
    value = "".join(f" when grouping({name}) = 0 then coalesce({name}, '')" for name in dimensions)
    labels = f"case{which} else '' end, case{value} else '' end" if dimensions else "'', ''"
    return read(source, f"select {labels}, {counts} from facts group by grouping sets ((){', ' + sets if sets else ''})", names)


def rows_behind(ask, key, side, dimension="", value="", *, start=0, most=None):
    """(number of lines, [(child id, what stands beside the name)] of one page in the order of names) behind a figure: `side` part or whole,
    of one value of a dimension where one is given. KeyError for an indicator that is none."""
    row = INDICATOR[key]
    condition = f"({row.condition(side)})" + (f" and coalesce({dimension}, '') = %(value)s" if DIMENSIONS.get(dimension) else "")
    sql = f""", lines_behind as (select child, item, pinyin from facts where {condition})
        select child, item, (select count(*) from lines_behind) from lines_behind order by pinyin, child, item
        offset %(start)s limit %(most)s"""  # noqa: S608
    found = read(row.source, sql, names_of(ask) | {"value": value, "start": start, "most": most})
    if found or not start:
        return (found[0][2] if found else 0), [line[:2] for line in found]
    return rows_behind(ask, key, side, dimension, value, start=0, most=most)
