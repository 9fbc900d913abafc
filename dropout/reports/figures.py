"""The figures of a period, from the event log alone: set-based, and each with the cases behind it (design.md §5, domain.md §11.8).

A period is (start, end] in days on which things happened. The books balance for each place, and any period:

    suspected_end = suspected_start + suspected_new − removed − confirmed
    dropout_end   = dropout_start + confirmed + reopened − returned − removed_dropout
    back_end      = back_start + returned − reopened − closed

`suspected_new` holds new cases and those whose removal came to its end (suspected_again of them); a proposal changes
nothing: the case stays in the ledger it was proposed from.

Late facts (补报): an event that happened by `start` but was recorded after `closed_at`, the moment the earlier period's report was
made, belongs to this period and not to the stand at its start. Without `closed_at` the day on which things happened decides alone.
`known_until` leaves out what was recorded after a report was made, so that the names behind a frozen figure stay those it counted.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from dropout.codes import LEDGER
from dropout.models import Case

PLACES = {"school": "school_id", "township": "township_id"}
OF_PLACES = "%(all)s or c.{place} = any(%(wanted)s)"
OF_NO_SCHOOL = "coalesce(c.school_id <> all(%(wanted)s), true) and (%(township)s::bigint is null or c.township_id = %(township)s)"


@dataclass(frozen=True)
class Figure:
    """`kind`: flow (events of the period), start or end (the last event before, or by the end), ever (cases with such an event by the end).
    `condition`: SQL over the event (name, source, target), the source of the one before it (came_from: where an approved removal was
    proposed) and the case (stage)."""

    label: str
    kind: str
    condition: str


def _among(states, column="target"):
    return f"{column} in (" + ", ".join(f"'{state}'" for state in states) + ")"


def _standing_in(states):
    """A proposed removal stands where it came from."""
    return f"({_among(states)} or target = 'removal_proposed' and {_among(states, 'source')})"


SUSPECTED, DROPOUT, BACK = _standing_in(("suspected",)), _standing_in(LEDGER["dropout"]), _among(LEDGER["back"])
COUNTED_MOVES = (
    "(target in ('removed', 'returned', 'closed') or name in ('confirm', 'drop_again')"
    " or target = 'suspected' and source in ('', 'removed'))"
)
CONFIRMED, RETURNED = "name = 'confirm'", "target = 'returned'"
FIGURES = {
    "suspected_start": Figure("上期末疑似", "start", SUSPECTED),
    "suspected_new": Figure("本期新增疑似", "flow", "target = 'suspected' and source in ('', 'removed')"),
    "suspected_again": Figure("其中核减到期、恢复疑似", "flow", "target = 'suspected' and source = 'removed'"),
    "removed": Figure("本期核减", "flow", "target = 'removed' and came_from = 'suspected'"),
    "confirmed": Figure("本期确认辍学", "flow", CONFIRMED),
    "suspected_end": Figure("期末疑似", "end", SUSPECTED),
    "dropout_start": Figure("上期末辍学", "start", DROPOUT),
    "returned": Figure("本期劝返", "flow", RETURNED),
    "reopened": Figure("本期再次辍学", "flow", "name = 'drop_again'"),
    "removed_dropout": Figure("本期确认后核减", "flow", f"target = 'removed' and {_among(LEDGER['dropout'], 'came_from')}"),
    "dropout_end": Figure("期末辍学", "end", DROPOUT),
    "dropout_end_pri": Figure("期末辍学（小学）", "end", f"{DROPOUT} and stage = 'pri'"),
    "dropout_end_jun": Figure("期末辍学（初中）", "end", f"{DROPOUT} and stage = 'jun'"),
    "back_start": Figure("上期末返校未销号", "start", BACK),
    "closed": Figure("本期销号", "flow", "target = 'closed'"),
    "back_end": Figure("期末返校未销号", "end", BACK),
    "dropout_total": Figure("累计辍学", "ever", CONFIRMED),
    "dropout_total_pri": Figure("累计辍学（小学）", "ever", f"{CONFIRMED} and stage = 'pri'"),
    "dropout_total_jun": Figure("累计辍学（初中）", "ever", f"{CONFIRMED} and stage = 'jun'"),
    "returned_total": Figure("累计劝返", "ever", RETURNED),
    "late": Figure("补报（以前各期发生、本期才登记）", "late", COUNTED_MOVES),
}
CLAUSES = {
    "flow": "not before and {}",
    "late": "not before and happened_on <= %(start)s and {}",
    "start": "last_before and {}",
    "end": "last and {}",
    "ever": "{}",
}
EVENTS = """
with closing as (select * from unnest(%(places)s::bigint[], %(closed)s::timestamptz[]) as c(place, closed_at)),
seen as (
    select e.id, e.case_id, e.name, e.source, e.target, e.happened_on, c.stage, c.{place} as place,
           e.happened_on <= %(start)s and (coalesce(closing.closed_at, %(closed_all)s::timestamptz) is null
               or e.recorded_at <= coalesce(closing.closed_at, %(closed_all)s::timestamptz)) as before
    from dropout_caseevent e join dropout_case c on c.id = e.case_id left join closing on closing.place = c.{place}
    where e.happened_on <= %(end)s and (%(known)s::timestamptz is null or e.recorded_at <= %(known)s)
      and ({which})
),
ev as (
    select *, lag(source) over (partition by case_id order by id) as came_from, id = max(id) over (partition by case_id) as last,
           before and id = max(id) filter (where before) over (partition by case_id) as last_before
    from seen
)
"""


def figures(*, schools=None, period_start_exclusive, period_end, closed_at=None, known_until=None, place="school"):
    """{place id: {figure: count}} for the places of `schools` (ids; None: all, with None for cases that have no place).

    `place`: school or township. `closed_at`: one moment for all, or {place id: moment}. Every place asked for is in the answer."""
    sums = ", ".join(_sum(key, figure) for key, figure in FIGURES.items())
    arguments = _arguments(schools, period_start_exclusive, period_end, closed_at, known_until)
    with connection.cursor() as cursor:
        cursor.execute(f"{_events(place)} select place, {sums} from ev group by place", arguments)
        counted = {row[0]: dict(zip(FIGURES, row[1:], strict=True)) for row in cursor.fetchall()}
    return {pk: counted.get(pk) or dict.fromkeys(FIGURES, 0) for pk in (counted if schools is None else schools)}


def figures_elsewhere(*, reporting, period_start_exclusive, period_end, township=None):
    """{figure: count} of the cases that stand in none of the places `reporting` (ids): without a school, or at one that reports nothing.

    `township`: the id of the one that answers for them; None: the whole county. The day on which things happened decides alone."""
    sums = ", ".join(_sum(key, figure) for key, figure in FIGURES.items())
    arguments = _arguments(reporting, period_start_exclusive, period_end, None, None) | {"township": township}
    with connection.cursor() as cursor:
        cursor.execute(f"{EVENTS.format(place='school_id', which=OF_NO_SCHOOL)} select {sums} from ev", arguments)
        return dict(zip(FIGURES, cursor.fetchone(), strict=True))


def _events(place):
    return EVENTS.format(place=PLACES[place], which=OF_PLACES.format(place=PLACES[place]))


def _sum(key, figure):
    count = "count(distinct case_id)" if figure.kind == "ever" else "count(*)"
    return f"{count} filter (where {_clause(figure)}) as {key}"


def _clause(figure):
    return CLAUSES[figure.kind].format(figure.condition)


def _arguments(schools, start, end, closed_at, known_until):
    closed = closed_at if isinstance(closed_at, dict) else {}
    return {
        "start": start, "end": end, "known": known_until, "closed_all": closed_at if isinstance(closed_at, datetime) else None,
        "places": list(closed), "closed": list(closed.values()), "all": schools is None, "wanted": list(schools or []),
    }  # fmt: skip


def names(figure, *, schools=None, period_start_exclusive, period_end, closed_at=None, known_until=None, place="school"):
    """The cases behind one figure, as a query set. A case that moved twice stands once: figures of flows count 人次, names are 人."""
    arguments = _arguments(schools, period_start_exclusive, period_end, closed_at, known_until)
    with connection.cursor() as cursor:
        query = f"{_events(place)} select distinct case_id from ev where {_clause(FIGURES[figure])}"  # noqa: S608
        cursor.execute(query, arguments)
        found = [row[0] for row in cursor.fetchall()]
    return Case.objects.filter(pk__in=found)
