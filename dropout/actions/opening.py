"""Putting children onto the suspected list: always a person's decision, in batches."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Max

from core import audit
from core.models import NumberSeries, Organization
from core.scope import granted_nodes
from core.workflow import NoRight, Refused
from dropout.actions import standing
from dropout.codes import CaseState, reason_label
from dropout.detection import stage_by_age
from dropout.models import Case, CaseEvent
from students.models import Child, ChildPlace, Enrolment

VERIFY_DAYS = 2  # 48 hours to verify and report (domain.md §3.1, seed rule)
SCHOOL_FIRST = (ChildPlace.Why.ATTENDING, ChildPlace.Why.ON_ROLL, ChildPlace.Why.LAST_SCHOOL)
VILLAGE_FIRST = (ChildPlace.Why.HUKOU, ChildPlace.Why.RESIDENCE, ChildPlace.Why.REPORTED)
SCHOOL_KINDS = ("school", "teaching_point")


def open_case(*, child, why, source, on, by, rule=None):
    """One child; the batch of one."""
    return open_cases(rows=[{"child": child, "why": why}], source=source, on=on, by=by, rule=rule)[0]


@transaction.atomic
def open_cases(*, rows, source, on, by, rule=None):
    """Cases for `rows` of {child, why}: the decision of `by` on the day `on`. `rule`: the rule, inputs and version behind the batch.

    Refused with names where a child already has a case that is not closed, is out of scope, or no reason is given."""
    children = locked_children(rows)
    refuse_foreign(children.values(), by)
    refuse_unclosed(children)
    for row in rows:
        if not row["why"].strip():
            raise Refused(f"{row['child'].name}：没有写列为疑似的理由。请补写一句。")
    return _opened(rows, children, source, on, by, rule)


@transaction.atomic
def open_by_system(*, rows, source, on, rule=None):
    """{child id: case} for `rows` of {child, why} that a rule found: a new case in nobody's name, or the one that is not closed yet."""
    children = locked_children(rows)
    unclosed = {case.child_id: case for case in Case.objects.filter(child__in=children).exclude(state=CaseState.CLOSED)}
    fresh = [row for row in rows if row["child"].pk not in unclosed]
    made = _opened(fresh, {row["child"].pk: row["child"] for row in fresh}, source, on, None, rule) if fresh else []
    return unclosed | {case.child_id: case for case in made}


def locked_children(rows):
    """{id: child}, locked so that nobody else opens a case of theirs meanwhile."""
    children = {row["child"].pk: row["child"] for row in rows}
    list(Child.objects.select_for_update().filter(pk__in=children).order_by("pk").values_list("pk"))
    return children


def _opened(rows, children, source, on, by, rule):
    places, episodes, numbers = places_of(children, on), episodes_of(children), next_numbers(on.year, len(children))
    made = Case.objects.bulk_create(
        [
            Case(
                number=number,
                child=row["child"],
                episode=episodes.get(row["child"].pk, 0) + 1,
                source=source,
                why=row["why"].strip()[:200],
                rule=rule or {},
                opened_on=on,
                opened_by=by,
                due_on=on + timedelta(days=VERIFY_DAYS),
                **places[row["child"].pk],
            )
            for row, number in zip(rows, numbers, strict=True)
        ]
    )
    CaseEvent.objects.bulk_create(
        [CaseEvent(case=case, name="open", target=CaseState.SUSPECTED, happened_on=on, by=by, note=case.why) for case in made]
    )
    standing.begin(made, on=on, by=by)
    audit.record("cases_opened", by=by, cases=len(made), numbers=[case.number for case in made], source=source, on=str(on))
    return made


def refuse_foreign(children, by):
    granted = set(granted_nodes(by, "open_case"))
    foreign = [child.name for child in children if not granted & set(child.scope_nodes)]
    if foreign:
        raise Refused(NoRight(f"{'、'.join(foreign[:5])}：不在您可以列为疑似的范围内。"))


def refuse_unclosed(children):
    unclosed = Case.objects.filter(child__in=children).exclude(state=CaseState.CLOSED).select_related("child")
    for case in unclosed:
        if case.state == CaseState.REMOVED:
            reason = reason_label(case.removal_reason)
            raise Refused(f"{case.child.name}已核减（{reason}），个案{case.number}。要重新核查，请在个案页“恢复为疑似”。")
        raise Refused(f"{case.child.name}已有个案{case.number}（{case.get_state_display()}），不能重复列入。")


def episodes_of(children):
    return dict(Case.objects.filter(child__in=children).values_list("child").annotate(last=Max("episode")))


def next_numbers(year, count):
    series = f"dropout_case_{year}"
    first = NumberSeries.objects.next_of(series)
    NumberSeries.objects.filter(series=series).update(last=F("last") + count - 1)
    return [f"疑〔{year}〕{number:04d}" for number in range(first, first + count)]


def places_of(children, on):
    """{child id: school, township, village, stage, grade}: from where the child is or was, newest first, three queries for any batch."""
    places = {}
    rows = ChildPlace.objects.filter(child__in=children).select_related("node").order_by(F("until").desc(nulls_first=True), "-since")
    for row in rows:
        places.setdefault(row.child_id, []).append(row)
    ancestors = Organization.objects.in_bulk({pk for held in places.values() for row in held for pk in row.node.path})
    enrolments = {row.child_id: row for row in Enrolment.objects.filter(child__in=children).order_by("since", "id")}
    return {pk: _place(child, places.get(pk, []), ancestors, enrolments.get(pk), on) for pk, child in children.items()}


def _place(child, held, ancestors, enrolment, on):
    school, village = _first(held, SCHOOL_FIRST, ancestors, SCHOOL_KINDS), _first(held, VILLAGE_FIRST, ancestors, ("village",))
    township = _first(held, VILLAGE_FIRST, ancestors, ("township",)) or _first(held, SCHOOL_FIRST, ancestors, ("township",))
    pupil = enrolment if enrolment and enrolment.stage in ("pri", "jun") else None  # the year of another stage says nothing of these two
    stage = pupil.stage if pupil else stage_by_age(child.birth_on, on)
    return {"school": school, "township": township, "village": village, "stage": stage, "grade": pupil.grade if pupil else None}


def _first(held, reasons, ancestors, kinds):
    """The nearest node of one of `kinds` at or above the first place that has one."""
    for why in reasons:
        for row in held:
            if row.why == why:
                node = next((ancestors[pk] for pk in reversed(row.node.path) if ancestors[pk].kind in kinds), None)
                if node:
                    return node
    return None
