"""四查: a place checked, by whom and with what result."""

from django.db import transaction

from core import audit, scope
from core.workflow import Refused
from students.models import FieldCheck
from students.rules import ages

PERMISSION = "record_check"
PLACES = {  # what is checked, and where: the kinds of place that the coverage counts
    "hukou": ("village",), "poverty": ("village",), "door": ("village",), "roll": ("school",), "attending": ("school",),
}  # fmt: skip


@transaction.atomic
def record_check(*, what, place, checked_on, people, checked, problems, by, findings=""):
    """One check of one place. Refused where it does not fit the place, or a problem is not described."""
    scope.require(by, PERMISSION, place)
    if place.kind not in PLACES[what] and not (place.kind == "teaching_point" and "school" in PLACES[what]):
        kinds = "村（社区）" if "village" in PLACES[what] else "学校"
        raise Refused(f"{FieldCheck.What(what).label}按{kinds}登记，“{place.name}”是{place.get_kind_display()}。")
    if problems > checked:
        raise Refused(f"发现问题 {problems} 人，多于查的 {checked} 人，请核对。")
    if problems and not findings.strip():
        raise Refused("发现问题的，要写明查到什么。")
    row = FieldCheck.objects.create(
        what=what, place=place, term=ages.term_of(checked_on), checked_on=checked_on, people=people.strip()[:120], checked=checked,
        problems=problems, findings=findings.strip()[:500], by=by,
    )  # fmt: skip
    counts = {"what": what, "on": str(checked_on), "checked": checked, "problems": problems}
    audit.record("check_recorded", by=by, subject=row, organization=place, **counts)
    return row
