"""The figures of many schools at once: a constant number of queries, whatever their number (issue 2, stage B; domain.md §11.8).

A column without a source is None with the reason, never 0: "no list of disabled children was imported" is not "no disabled children".
"""

from django.db.models import Count, Exists, OuterRef, Q

from archives.assembly.absences import DUE, ON_TIME, reported
from archives.assembly.cases import LATE, case_values
from archives.assembly.figures import FIGURES, SCHEMA, add_up, rates_of
from core.models import Organization
from students import statuses
from students.models import COMPULSORY_STAGES, Catchment, Enrolment, ListRow, SourceSnapshot, SpecialGroup
from students.rules.ages import school_year

POVERTY_CODES = ("P1", "P2", "P3", "P4", "P5")
DISABLED_CODES = ("C1",)
YES = ("是", "1", "有", "√", True)
KINDS = ("attending", "roll", "poverty", "disabled")
ROLL_COLUMNS = {"left_behind", "migrant"}
SUSPENDED, HOME_TEACHING = ("suspended", "休学"), ("home_teaching", "送教", "送教上门")
AGED = ("school_age_pri", "school_age_jun", "school_age")
NO_CATCHMENT = "学区还没有划定，算不出本校应服务的适龄人口"
NO_LEDGER = "本期没有登记过考勤，不知道有没有应报的缺勤"
NO_LIST = {
    "attending": "在校学生花名册还没有导入", "roll": "学籍库还没有导入", "poverty": "脱贫户监测户名单还没有导入", "disabled": "残疾人证名单还没有导入",
    "left_behind": "已导入的学籍库没有“是否留守儿童”一栏", "migrant": "已导入的学籍库没有“随迁子女”一栏",
}  # fmt: skip
SOURCES = {  # column: the lists it needs, as keys of NO_LIST
    "attending_pri": ("attending",), "attending_jun": ("attending",), "home_teaching": ("attending",), "suspended": ("roll",),
    "lifted": ("attending", "poverty"), "disabled": ("attending", "disabled"),
    "left_behind": ("attending", "left_behind"), "migrant": ("attending", "migrant"),
}  # fmt: skip


def figures_of(schools, span):
    """{school id: figures} for `schools` (Organization rows) and the period `span`."""
    lines = _lines(schools)
    nodes = [node for line in lines.values() for node in line]
    ids = [node.pk for node in nodes]
    pupils, known, cases = _pupils(ids, span.ends_on), _known(nodes, span.ends_on), case_values(lines, span)
    aged, absences = _of_school_age(ids, span.ends_on), reported(lines, span)
    cases = {pk: values | absences.get(pk, {}) for pk, values in cases.items()}
    return {school.pk: _assembled(lines[school.pk], pupils, known, cases, aged) for school in schools}


def _of_school_age(ids, on):
    """{node id: 适龄人口} of the children registered in the catchments of these schools; nothing where no catchment is set for the year."""
    served = Catchment.objects.in_force(on).filter(school_year=school_year(on), section__school__in=ids)
    sections = {pk: (school, stage) for pk, school, stage in served.values_list("section", "section__school", "section__stage")}
    counted = statuses.counted_by("section", statuses.Ask(on)) if sections else {}
    found = {}
    for pk, (school, stage) in sections.items():
        values = found.setdefault(school, dict.fromkeys(AGED, 0))
        count = sum(counted.get(pk, {}).values())
        values[f"school_age_{stage}"] += count
        values["school_age"] += count
    return found


def _lines(schools):
    """{school id: [the school, its teaching points in the order of their codes]}."""
    lines = {school.pk: [school] for school in schools}
    points = Organization.objects.filter(kind=Organization.Kind.TEACHING_POINT, parent__in=list(lines)).order_by("code")
    for point in points:
        lines[point.parent_id].append(point)
    return lines


def _assembled(nodes, pupils, known, cases, aged):
    lines, reasons, late = [], {}, 0
    divided = any(node.pk in aged for node in nodes)  # a teaching point without a catchment of its own serves nobody of its own
    for node in nodes:
        values = {figure.key: None for figure in FIGURES} | cases[node.pk]
        late += values.pop(LATE)
        if divided:
            values |= aged.get(node.pk, dict.fromkeys(AGED, 0))
        for key, lists in SOURCES.items():
            missing = [name for name in lists if name not in known[node.pk]]
            values[key] = None if missing else pupils.get(node.pk, {}).get(key, 0)
            if missing:
                reasons[key] = NO_LIST[missing[0]]
        lines.append({"code": node.code, "name": node.name, "values": values})
    total = add_up([line["values"] for line in lines])
    if total["school_age"] is None:
        reasons |= dict.fromkeys(AGED, NO_CATCHMENT)
    reasons |= {key: NO_LEDGER for key in (DUE, ON_TIME) if total[key] is None}
    return {"schema": SCHEMA, "lines": lines, "total": total, "reasons": reasons, "rates": rates_of(total), "late": late}


def _pupils(ids, on):
    """{node id: counts} of the children in the classrooms of the compulsory stages on the day `on`, and of those whose roll rests."""
    pupils = {row.pop("school_id"): row for row in _attending(ids, on)}
    for row in _suspended(ids, on):
        pupils.setdefault(row["school_id"], {})["suspended"] = row["suspended"]
    return pupils


def _enrolled(ids, on, kind):
    return Enrolment.objects.in_force(on).filter(
        kind=kind, school__in=ids, stage__in=COMPULSORY_STAGES, accepted=True, child__merged_into=None
    )


def _attending(ids, on):
    groups = SpecialGroup.objects.in_force(on).filter(child=OuterRef("child"))
    rolls = ListRow.objects.filter(kind="roll", child=OuterRef("child"), until=None)
    marked = {
        "is_lifted": Exists(groups.filter(code__in=POVERTY_CODES)),
        "is_disabled": Exists(groups.filter(code__in=DISABLED_CODES)),
        "is_left_behind": Exists(rolls.filter(facts__left_behind__in=YES)),
        "is_migrant": Exists(rolls.filter(facts__migrant__in=YES)),
    }
    return (
        _enrolled(ids, on, Enrolment.Kind.ATTENDING)
        .counted()
        .annotate(**marked)
        .values("school_id")
        .annotate(
            attending_pri=Count("child", distinct=True, filter=Q(stage="pri")),
            attending_jun=Count("child", distinct=True, filter=Q(stage="jun")),
            home_teaching=Count("child", distinct=True, filter=Q(state__in=HOME_TEACHING)),
            **{name.removeprefix("is_"): Count("child", distinct=True, filter=Q(**{name: True})) for name in marked},
        )
        .order_by()
    )


def _suspended(ids, on):
    resting = _enrolled(ids, on, Enrolment.Kind.ROLL).filter(state__in=SUSPENDED)
    return resting.values("school_id").annotate(suspended=Count("child", distinct=True)).order_by()


def _known(nodes, on):
    """{node id: names of the lists and columns that were applied for it}: a snapshot speaks for its coverage and all below it."""
    applied = SourceSnapshot.objects.filter(state=SourceSnapshot.State.APPLIED, as_of__lte=on)
    covered = {}
    for kind, coverage in applied.filter(kind__in=KINDS).order_by().values_list("kind", "coverage_id").distinct():
        covered.setdefault(kind, set()).add(coverage)
    for coverage, layout in applied.filter(kind="roll").order_by().values_list("coverage_id", "layout"):
        for column in ROLL_COLUMNS & {name for sheet in layout.get("sheets", []) for name in sheet["columns"]}:
            covered.setdefault(column, set()).add(coverage)
    return {node.pk: {name for name, places in covered.items() if places & set(node.path)} for node in nodes}
