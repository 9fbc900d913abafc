"""Why a rate cannot be told yet, and what is needed for it; of which days it speaks (design.md §5: "—" with the reason, never 0)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Min

from core.models import Parameter
from students import cohorts
from students.models import ArrivalSheet, ClassMark, SourceSnapshot, YearTurn
from students.rules import ages
from students.rules.grades import STAGE_YEARS

DAY, YEAR, TERM, COHORT, SUMMER, EVER = "day", "year", "term", "cohort", "summer", "ever"


@dataclass(frozen=True)
class Known:
    """What the lists and the year's work tell by the day `on`; read once a page."""

    on: date
    first_roll: date | None
    first_attending: date | None
    sheets: bool
    marks: bool
    turned: bool
    spans: tuple

    @property
    def year(self):
        return ages.school_year(self.on)


def first_lists(on):
    """{kind: day of the oldest applied list of that kind}."""
    applied = SourceSnapshot.objects.filter(state=SourceSnapshot.State.APPLIED, kind__in=("roll", "attending"), as_of__lte=on)
    return dict(applied.order_by().values_list("kind").annotate(Min("as_of")))


def school_years(on):
    """{"primary_years": 6, "junior_years": 3} as the county keeps them."""
    return {name: int(Parameter.objects.value_of(name, on, STAGE_YEARS[name[:3]])) for name in ("primary_years", "junior_years")}


def terms(on):
    """What the statements of students.cohorts ask for by name, beside the account's own."""
    first = first_lists(on)
    return {
        "term": ages.term_of(on), "year_begins": ages.school_year_bounds(ages.school_year(on))[0],
        "year_from": cohorts.year_start(on, first.get("attending")) or on,
        **cohorts.cohort_names(on, **school_years(on), first_roll=first.get("roll")),
    }  # fmt: skip


def known(on):
    first, year = first_lists(on), ages.school_year(on)
    begins = date(year, 9, 1)
    applied = SourceSnapshot.objects.filter(kind="roll", state=SourceSnapshot.State.APPLIED, as_of__gte=begins, as_of__lte=on)
    return Known(
        on, first.get("roll"), first.get("attending"),
        ArrivalSheet.objects.filter(term=ages.term_of(on), counted_on__lte=on).exists(),
        ClassMark.objects.between(begins, on).exists(),
        applied.exists() or YearTurn.objects.standing().filter(school_year=year).exists(), cohorts.spans(year, **school_years(on)),
    )  # fmt: skip


def nothing(_known):
    return None


def cohort(key):
    """The first year of the cohort must have been on a roll list."""

    def missing(known):
        span = next(span for span in known.spans if span.key == key)
        first, last = ages.school_year_bounds(span.entered)
        if known.first_roll is not None and known.first_roll <= last:
            return None
        oldest = f"系统里最早的学籍库是 {known.first_roll}" if known.first_roll else "系统里还没有学籍库"
        return (
            f"{oldest}，不知道 {known.year} 届{span.label}学生在 {span.entered} 年入学时有多少人、此后谁转出。"
            f"需要：{first} 至 {last} 之间任一天的学籍库（名单导入，截至日期填那一天），再按年份顺序导入此后各年的学籍库。"
        )

    return missing


def year_began(known):
    if cohorts.year_start(known.on, known.first_attending) is not None:
        return None
    oldest = f"系统里最早的在校花名册是 {known.first_attending}" if known.first_attending else "系统里还没有在校花名册"
    return f"{oldest}，不知道 {known.year} 学年初有多少人在校。需要：{known.year} 年 10 月 31 日以前的在校花名册。"


def counted(known):
    return None if known.sheets else f"{ages.term_label(ages.term_of(known.on))}还没有班级登记报到。需要：各班在“报到”里登记。"


def turned(known):
    closing = date(known.year, 8, 31)
    if known.first_roll is None or known.first_roll > closing:
        oldest = f"系统里最早的学籍库是 {known.first_roll}" if known.first_roll else "系统里还没有学籍库"
        return f"{oldest}，不知道 {known.year} 年夏季有多少小学毕业生。需要：{closing} 以前的学籍库。"
    if known.turned:
        return None
    return f"{known.year} 年秋季的学年升级还没有办，也没有导入 {known.year}-09-01 以后的学籍库，不知道谁升入了初中。需要其中一样。"


def marked(known):
    return None if known.marks else f"{known.year} 学年还没有登记考勤，不知道有没有应报告的缺勤。需要：各班登记考勤。"


def span_words(span, known):
    """Of which days the figures are."""
    on, year = known.on, known.year
    return {
        DAY: f"截至 {on}", YEAR: f"{year}-09-01 至 {on}", TERM: f"{ages.term_label(ages.term_of(on))}，截至 {on}",
        COHORT: f"{year} 届，截至 {year}-08-31", SUMMER: f"{year} 年夏季毕业，截至 {on}", EVER: f"建账至 {on}",
    }[span]  # fmt: skip
