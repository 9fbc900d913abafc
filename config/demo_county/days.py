"""Daily life of the demo school: the running term, ten days of attendance with an absence that was reported and one that was excused, and
a transfer that waits for the other school. In holidays there is nothing to mark."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from config.demo_county.cases import picture
from config.demo_county.people import NEIGHBOURS
from core.models import Organization, RoleGrant, Term, User
from dropout.actions import absences
from dropout.models import Case
from students.actions import attendance, roll_changes, school_days, slips
from students.attendance import classes_of
from students.models import ClassMark, SchoolDay, Section

MARKED_DAYS, MISSED_DAYS = 10, 4


def term_of(today):
    """Key, first and last day of the term around `today`; None in the summer holidays."""
    if today >= date(today.year, 9, 1):
        return f"{today.year}A", date(today.year, 9, 1), date(today.year + 1, 1, 20)
    if today <= date(today.year, 1, 20):
        return f"{today.year - 1}A", date(today.year - 1, 9, 1), date(today.year, 1, 20)
    spring = f"{today.year}S", date(today.year, 2, 20), date(today.year, 7, 10)
    return spring if spring[1] <= today <= spring[2] else None


def live_all(today, say):
    """All of it in one transaction, unless the term is there already."""
    term = term_of(today)
    if term is None or Term.objects.filter(key=term[0]).exists():
        return False
    with transaction.atomic():
        school_days.set_term(key=term[0], starts=term[1], ends=term[2], by=person("bureau_admin"))
        school = RoleGrant.objects.get(user__username="school_clerk").organization
        days = taught_days(school, today)
        if days:
            mark_days(school, days, today)
            apply_for_transfer(school, today)
    say(f"  · {ClassMark.objects.count()} 个半天的考勤")
    return True


def person(username):
    return User.objects.get(username=username)


def taught_days(school, today):
    """The last days before `today` on which the school taught the whole day, oldest first."""
    days = [today - timedelta(days=back) for back in range(1, 3 * MARKED_DAYS)]
    calendar = SchoolDay.objects.calendars_of([school], days[-1], days[0])[school.pk]
    return sorted(day for day in days if calendar.halves(day) == (True, True))[-MARKED_DAYS:]


def mark_days(school, days, today):
    """The clerk marked every class; one pupil stayed away for the last days, another one has a slip."""
    clerk = person("school_clerk")
    classes = classes_of(Organization.objects.filter(parent=school), days[-1])
    busy = set(Case.objects.values_list("child", flat=True))
    away, ill = pupils_of(classes[-1], busy)
    slips.give(child=ill, kind="sick", first_on=days[-2], first_half="am", last_on=days[-1], last_half="pm", by=clerk, note="发烧")
    rows = [
        {"class_node": one.node, "on": day, "half": half, "kinds": missing(one, day, days, away, ill)}
        for day in days for one in classes for half in ("am", "pm")
    ]  # fmt: skip
    attendance.mark(rows=rows, by=clerk, source=ClassMark.Source.SCHOOL, today=today, note="补登")
    noon = datetime.combine(today, time(12), timezone.get_default_timezone())
    absences.raise_alarms(at=max(noon, timezone.now()))  # no report is delivered before its absence was found


def pupils_of(one, busy):
    """Two of a class without a case; the first one lives where the demo township officer works, whose inbox gets the report."""
    township = RoleGrant.objects.get(user__username="township_officer").organization
    free = [row.child for row in one.pupils if row.child_id not in busy]
    return sorted(free, key=lambda child: township.pk not in child.scope_nodes)[:2]


def missing(one, day, days, away, ill):
    members = {row.child_id for row in one.pupils}
    kinds = {away.pk: "absent"} if day in days[-MISSED_DAYS:] else {}
    kinds |= {ill.pk: "leave"} if day in days[-2:] else {}
    return {pk: kind for pk, kind in kinds.items() if pk in members}


def apply_for_transfer(school, today):
    """A pupil moves to a neighbouring school of the same stage, whose principal has to agree."""
    clerk = person("school_clerk")
    target = RoleGrant.objects.filter(user__username__in=NEIGHBOURS, role="school_clerk").first().organization
    offered = set(Section.objects.filter(school=target, until=None).values_list("stage", flat=True))
    busy = set(Case.objects.values_list("child", flat=True))
    classes = classes_of(Organization.objects.filter(parent=school), today)
    pupils = (row for one in classes for row in one.pupils if row.stage in offered and row.child_id not in busy and row.grade)
    pupil = next(pupils)
    roll_changes.start(
        kind="transfer", child=pupil.child, by=clerk, on=today, effective_on=today, reason="父母到东边的乡镇做工，全家搬过去住，孩子随父母就近入学。",
        evidence=[("statement", picture("监护人申请"))], school=school, target_school=target, target_stage=pupil.stage,
        target_grade=pupil.grade,
    )  # fmt: skip
