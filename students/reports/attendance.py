"""Attendance of a day as its pages show it: a line for each school, a line for each class, the pupils of one class."""

from django.db.models import Count, Sum

from core.models import Organization
from students.attendance import LOOK_BACK, classes_of, marked
from students.models import AttendanceMark, ClassMark, Enrolment, LeaveSlip, SchoolDay
from students.rules.school_days import DAY, HALF_LABELS, HALVES


def classes_below(node):
    return Organization.objects.below(node).filter(kind=Organization.Kind.CLASS)


def school_rows(schools, on):
    """A line for each school: classes with pupils, how many were marked in each half, who was missing; four queries."""
    schools = list(schools)
    calendars = SchoolDay.objects.calendars_of(schools, on, on)
    peopled = _class_counts(schools, on)
    sums = _mark_sums(schools, on)
    return [
        {
            "school": school, "classes": peopled.get(school.pk, 0),
            "halves": [
                _half_cell(peopled.get(school.pk, 0), sums.get((school.pk, half)), taught)
                for half, taught in zip(HALVES, calendars[school.pk].halves(on), strict=True)
            ],
        }
        for school in schools
    ]  # fmt: skip


def _class_counts(schools, on):
    """{school id: classes with pupils}."""
    facts = Enrolment.objects.in_force(on).counted().filter(accepted=True, class_node__parent__in=schools, child__merged_into=None)
    return dict(facts.values_list("class_node__parent").annotate(count=Count("class_node", distinct=True)))


def _mark_sums(schools, on):
    rows = ClassMark.objects.filter(on=on, class_node__parent__in=schools).values("class_node__parent", "half")
    summed = rows.annotate(marked=Count("pk"), absent=Sum("absent"), on_leave=Sum("on_leave"), pupils=Sum("pupils")).order_by()
    return {(row.pop("class_node__parent"), row.pop("half")): row for row in summed}


def _half_cell(classes, summed, taught):
    """tone plain: no school; good: all marked; amber: some are not."""
    if not taught:
        return {"words": "不上课", "tone": "plain"}
    done = summed["marked"] if summed else 0
    lacking = max(classes - done, 0)
    missing = f"缺 {summed['absent']} 假 {summed['on_leave']}" if done else ""
    return {"words": f"未登记 {lacking} 班" if lacking else "已登记", "tone": "amber" if lacking else "good", "missing": missing}


def class_rows(nodes, on):
    """A line for each class of `nodes` (a QuerySet) with the state of each half: not taught, not marked, or who was missing."""
    classes = classes_of(nodes, on)
    ids = [one.node.pk for one in classes]
    calendars = SchoolDay.objects.calendars_of([one.node for one in classes], on, on)
    done = marked(ids, on, on)
    return [
        {
            "node": one.node, "label": one.label, "pupils": len(one.pupils),
            "halves": [
                _class_cell(one.node, on, half, taught, done.get((one.node.pk, on, half)))
                for half, taught in zip(HALVES, calendars[one.node.pk].halves(on), strict=True)
            ],
        }
        for one in classes
    ]  # fmt: skip


def _class_cell(node, on, half, taught, mark):
    if mark is not None:
        words = f"缺 {mark.absent} 假 {mark.on_leave}" if mark.absent or mark.on_leave else "全到"
        return {"half": half, "taught": True, "mark": mark, "words": words, "tone": "red" if mark.absent else "good"}
    return {"half": half, "taught": taught, "mark": None, "words": "未登记" if taught else "不上课", "tone": "amber" if taught else "plain"}


def slips_covering(children, on, half):
    """{child id: slip} of those excused on the half-day."""
    return {slip.child_id: slip for slip in LeaveSlip.objects.covering(on, half).filter(child__in=children).order_by("pk")}


def half_words(on, half):
    return f"{on.month}月{on.day}日{HALF_LABELS[half]}"


def earlier_and_later(on):
    return {"before": on - DAY, "after": on + DAY}


def recent(node, on):
    """Who was missing in the class within LOOK_BACK days up to `on`, newest first."""
    rows = AttendanceMark.objects.filter(class_mark__class_node=node, class_mark__on__lte=on, class_mark__on__gt=on - DAY * LOOK_BACK)
    rows = rows.exclude(kind=AttendanceMark.Kind.PRESENT).select_related("class_mark", "child")
    return rows.order_by("-class_mark__on", "-class_mark__half", "child__pinyin", "child_id")
