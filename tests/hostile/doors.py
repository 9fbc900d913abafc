"""Every place of the product at which a file comes in, and how it is filled in otherwise rightly: what happens is the file's doing.

A door is asked for at a house of tests/cast.py: `address(house)` where the form is sent to, `fields(house)` what it says beside the file,
`field` the file's own name in it, `who` sends it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from archives.models import Report
from tests import make
from tests.archives.world import filed, with_sections
from tests.dropout.access import attendance_of, case_of


@dataclass(frozen=True)
class Door:
    """`takes`: "list" or "proof". `views`: the functions that read request.FILES for it, as app.views.module.function."""

    name: str
    takes: str
    who: str
    address: Callable
    fields: Callable
    field: str
    views: tuple[str, ...]

    def __str__(self):
        return self.name


def of_child(route):
    return lambda house: reverse(route, args=[house.children.own.public_id])


def plain(route):
    return lambda house: reverse(route)


def class_mark(house):
    return reverse("students:class_mark", kwargs={"public_id": house.nodes.class_.public_id, "day": "2026-09-21", "half": "am"})


def seated(house):
    """The own child in its class, so that the sheet of a half-day has a line for it."""
    child = house.children.own
    if not child.enrolments.exists():
        for kind in ("roll", "attending"):
            make.enrolment(child, house.nodes.school, kind, class_node=house.nodes.class_)
    return child


def with_slip(house):
    prefix = f"p{seated(house).public_id.hex}"
    return {f"{prefix}-mark": "leave", f"{prefix}-slip_kind": "sick", f"{prefix}-until_half": "pm"}


def photo_of(house):
    return f"p{seated(house).public_id.hex}-photo"


def visit(house):
    return {
        "met": ["father"], "mode": "phone", "reply": "hesitant", "notes": "再想想", "happened_on": "2020-03-02", "officers": "王四",
        "next_on": "2020-03-12",
    }  # fmt: skip


def transition(house):
    return reverse("dropout:case_transition", kwargs={"public_id": attendance_of(house, "own").case.public_id, "name": "proof"})


def roll_change(house):
    seated(house)
    return reverse("students:roll_change_start", args=[house.children.own.public_id]) + "?kind=missing"


def by_code(house):
    report = Report.objects.exclude(short_code="").first() or filed(with_sections(house))
    return {"code": report.short_code}


SLIP = {"kind": "sick", "first_on": "2020-03-02", "first_half": "am", "last_on": "2020-03-02", "last_half": "pm"}
STUDENTS, DROPOUT = "students.views.", "dropout.views."
DOORS = (
    Door(
        "lists", "list", "roll_officer", plain("students:snapshot_upload"),
        lambda house: {"kind": "hukou", "as_of": "2020-03-01", "supplier": "县公安局", "coverage": house.nodes.root.public_id}, "file",
        (STUDENTS + "snapshots.snapshot_upload",),
    ),
    Door(
        "filled lists", "list", "school_clerk", plain("students:filled_send"),
        lambda house: {"kind": "attending", "coverage": house.nodes.school.public_id, "as_of": "2020-03-01"}, "file",
        (STUDENTS + "filling.filled_send",),
    ),
    Door(
        "attendance workbook", "list", "school_clerk", plain("students:attendance_import"), lambda house: {}, "file",
        (STUDENTS + "attendance_files.attendance_import",),
    ),
    Door(
        "catchments", "list", "bureau_admin", plain("students:catchment_upload"), lambda house: {}, "file",
        (STUDENTS + "catchments.catchment_upload",),
    ),
    Door(
        "reasons", "list", "dropout_officer", plain("students:reason_upload"), lambda house: {"on": "2020-03-01"}, "file",
        (STUDENTS + "reasons.reason_upload",),
    ),
    Door(
        "slip", "proof", "class_teacher", of_child("students:slip_give"), lambda house: SLIP, "upload",
        (STUDENTS + "attendance_school.slip_give",),
    ),
    Door("class", "proof", "class_teacher", class_mark, with_slip, photo_of, (STUDENTS + "attendance.__init__",)),
    Door(
        "correction", "proof", "school_clerk", of_child("students:correction_request"),
        lambda house: {"field": "sex", "sex": "2", "reason": "户口簿如此"}, "proof", (STUDENTS + "corrections.correction_request",),
    ),
    Door(
        "reason", "proof", "dropout_officer", plain("students:reason_new"),
        lambda house: {"child": house.children.own.pk, "meaning": "elsewhere", "since": "2020-03-01", "place": "外县一中"}, "proof",
        (STUDENTS + "reasons.reason_new",),
    ),
    Door(
        "visit", "proof", "dropout_officer", lambda house: reverse("dropout:visit_record", args=[case_of(house, "own").public_id]), visit,
        "photos", (DROPOUT + "visits.form_of",),
    ),
    Door(
        "evidence", "proof", "dropout_officer", transition, lambda house: {}, "uploads",
        (DROPOUT + "steps.form_of",),
    ),
    Door(
        "roll change", "proof", "school_clerk", roll_change,
        lambda house: {"effective_on": "2026-09-21", "reason": "三个月没有音讯"}, "files_0",
        (STUDENTS + "roll_change_steps.roll_change_step", STUDENTS + "roll_change_steps.change_form"),
    ),
    Door(
        "stamped report", "proof", "group_head", plain("archives:report_scan_join"), by_code, "scan",
        ("archives.views.report_paper.report_scan_join",),
    ),
)  # fmt: skip
