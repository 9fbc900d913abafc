"""Rows of the access table for the student pages."""

from dataclasses import replace
from datetime import date

from django.utils import timezone

from core import crypto, files
from students.models import AttendanceFile, ChildNumber, LeaveSlip, ListRow, Match, Resolution, SchoolDay, SourceSnapshot
from tests.access import Route, of_child, of_node
from tests.students import access_records, access_rolls, access_statuses


def snapshot_of(house, coverage, state="staged"):
    """A list without rows; made once."""
    found = SourceSnapshot.objects.filter(coverage=coverage).first()
    if found is None:
        sender = house.people["roll_officer"]
        file = files.store("姓名,身份证号,学校\n".encode(), "名单.csv", "text/csv", sender)
        found = SourceSnapshot.objects.create(
            kind="roll",
            coverage=coverage,
            as_of=date(2020, 3, 1),
            sha256=f"{coverage.pk:064d}",
            file=file,
            received_by=sender,
            layout={},
        )
        if state == "staged":
            SourceSnapshot.objects.filter(pk=found.pk).update(state="staged", staged_at=timezone.now())
    return {"public_id": found.public_id}


def snapshot(**more):
    return Route(
        see="approve_import",
        own=lambda house: snapshot_of(house, house.nodes.township),
        foreign=lambda house: snapshot_of(house, house.nodes.other_township),
        nodes=lambda house: house.nodes.township.path,
        foreign_nodes=lambda house: house.nodes.other_township.path,
        **more,
    )


def filled(**more):
    """A list that a township sent back."""

    def made(house, side):
        given = snapshot_of(house, getattr(house.nodes, side))
        SourceSnapshot.objects.filter(**given).update(filled=True)
        return given

    return replace(snapshot(**more), see="fill_lists", own=lambda house: made(house, "township"),
        foreign=lambda house: made(house, "other_township"))  # fmt: skip


def row_of(house, side):
    """A standing row of a list that nobody is tied to."""
    snapshot_of(house, getattr(house.nodes, side))
    batch = SourceSnapshot.objects.get(coverage=getattr(house.nodes, side))
    wanted = {"person_key": b"k", "content_hash": b"c", "identity": f"row-{batch.pk}".encode(), "name": "对不上", "since": batch.as_of}
    row, _ = ListRow.objects.get_or_create(
        kind="martyrs", snapshot=batch, place_key=str(batch.pk), defaults={**wanted, "seen_as_of": batch.as_of, "sheet": "一",
            "row_number": 2}
    )
    return row


def unresolved(**more):
    return Route(
        see="decide_match",
        own=lambda house: {"row": row_of(house, "township").pk},
        foreign=lambda house: {"row": row_of(house, "other_township").pk},
        nodes=lambda house: house.nodes.township.path,
        foreign_nodes=lambda house: house.nodes.other_township.path,
        **more,
    )


def resolution(**more):
    def made(house, side):
        node = getattr(house.nodes, side)
        wanted = {"name": "对不上", "told": "名单", "conclusion": "not_ours", "reason": "已核实", "by": house.people["roll_officer"]}
        return {"public_id": Resolution.objects.get_or_create(identity=f"said-{node.pk}".encode(), coverage=node,
            defaults=wanted)[0].public_id}

    return Route(
        see="see_children",
        own=lambda house: made(house, "township"),
        foreign=lambda house: made(house, "other_township"),
        nodes=lambda house: house.nodes.township.path,
        foreign_nodes=lambda house: house.nodes.other_township.path,
        **more,
    )


def number_of(child, text, valid):
    wanted = {
        "number": text,
        "source": "resident",
        "valid": valid,
        "name_key": child.name_key,
        "birth_on": child.birth_on,
        "birth_stated": True,
    }
    return ChildNumber.objects.get_or_create(identity=crypto.blind_index(text, "person.id_number"), defaults={"child": child, **wanted})[0]


def match_of(child, odd, meant):
    match, _ = Match.objects.get_or_create(
        odd=number_of(child, odd, False), meant=number_of(child, meant, True), defaults={"rule": "one_edit"}
    )
    return {"public_id": match.public_id}


def match(**more):
    return Route(
        see="see_children",
        own=lambda house: match_of(house.children.own, "990101201003011235", "990101201003011234"),
        foreign=lambda house: match_of(house.children.foreign, "990101201003011267", "990101201003011266"),
        nodes=lambda house: house.children.own.scope_nodes,
        foreign_nodes=lambda house: house.children.foreign.scope_nodes,
        **more,
    )


def school_day(**more):
    def made(house, node):
        wanted = {"morning": False, "afternoon": False, "kind": "closure", "reason": "大雪", "declared_by": house.people["bureau_admin"]}
        return {"public_id": SchoolDay.objects.get_or_create(node=node, on=date(2020, 3, 2), defaults=wanted)[0].public_id}

    return Route(
        see="see_schools",
        own=lambda house: made(house, house.nodes.school),
        foreign=lambda house: made(house, house.nodes.other_school),
        nodes=lambda house: house.nodes.school.path,
        foreign_nodes=lambda house: house.nodes.other_school.path,
        **more,
    )


def marking(own, foreign):
    """The page on which a half-day of a unit is marked; the days are past and taught."""
    route = of_node("see_children", own, foreign, act="mark_attendance", methods=("get", "post"))
    return replace(
        route,
        own=lambda house: route.own(house) | {"day": "2020-03-02", "half": "am"},
        foreign=lambda house: route.foreign(house) | {"day": "2020-03-02", "half": "am"},
    )


def slip(**more):
    def made(house, side):
        child = getattr(house.children, side)
        sender = house.people["roll_officer"]
        photo = files.store(b"%PDF-1.4", "slip.pdf", "application/pdf", sender)
        span = {"first_on": date(2020, 3, 2), "first_half": "am", "last_on": date(2020, 3, 2), "last_half": "pm"}
        wanted = {"kind": "sick", "recorded_by": sender, "photo": photo, **span}
        return {"public_id": LeaveSlip.objects.get_or_create(child=child, defaults=wanted)[0].public_id}

    return Route(
        see="see_children",
        own=lambda house: made(house, "own"),
        foreign=lambda house: made(house, "foreign"),
        nodes=lambda house: house.children.own.scope_nodes,
        foreign_nodes=lambda house: house.children.foreign.scope_nodes,
        **more,
    )


def attendance_file(**more):
    def made(house, node):
        sender = house.people["roll_officer"]
        stored = files.store("班级,日期,时段,姓名,考勤\n".encode(), "考勤.csv", "text/csv", sender)
        wanted = {"file": stored, "sha256": stored.sha256, "state": "staged", "received_by": sender}
        return {"public_id": AttendanceFile.objects.get_or_create(organization=node, defaults=wanted)[0].public_id}

    return Route(
        see="mark_attendance",
        own=lambda house: made(house, house.nodes.school),
        foreign=lambda house: made(house, house.nodes.other_school),
        nodes=lambda house: house.nodes.school.path,
        foreign_nodes=lambda house: house.nodes.other_school.path,
        **more,
    )


POST, BOTH = ("post",), ("get", "post")
ROUTES = {
    **access_records.ROUTES,
    **access_statuses.ROUTES,
    "students:child_list": Route(see="see_children"),
    "students:child_search": Route(see="see_children", methods=POST),
    "students:child_export": Route(see="see_children", act="export_lists", methods=POST),
    "students:school_list": Route(see="see_schools"),
    "students:school_detail": of_node("see_schools", "school", "other_school"),
    "students:school_unmask": of_node("see_schools", "school", "other_school", act="reveal_numbers", methods=POST),
    "students:calendar_list": Route(see="see_schools"),
    "students:calendar_detail": of_node("see_schools", "school", "other_school"),
    "students:calendar_declare": of_node("see_schools", "school", "other_school", act="keep_calendar", methods=POST),
    "students:calendar_withdraw": school_day(act="keep_calendar", methods=POST),
    "students:term_set": Route(see="see_schools", act="keep_terms", methods=POST),
    "students:attendance_day": Route(see="see_children"),
    "students:attendance_school": of_node("see_children", "school", "other_school"),
    "students:attendance_class": of_node("see_children", "class_", "other_class"),
    "students:class_mark": marking("class_", "other_class"),
    "students:school_mark": marking("school", "other_school"),
    "students:attendance_import": Route(see="mark_attendance", methods=BOTH),
    "students:attendance_sheet_fetch": Route(see="mark_attendance", methods=POST),
    "students:attendance_file": attendance_file(),
    "students:attendance_file_apply": attendance_file(methods=POST),
    "students:attendance_file_annotated": attendance_file(methods=POST),
    "students:slip_give": of_child("see_children", act="mark_attendance", methods=BOTH),
    "students:slip_withdraw": slip(act="mark_attendance", methods=POST),
    "students:slip_photo": slip(),
    "students:household_list": Route(see="see_children"),
    "students:snapshot_list": Route(see="approve_import"),
    "students:snapshot_prefilled": Route(see="import_lists", methods=BOTH),
    "students:moved_in_list": Route(see="see_children"),
    "students:moved_in_export": Route(see="see_children", act="export_lists", methods=POST),
    "students:match_export": Route(see="decide_match", act="export_lists", methods=POST),
    "students:unresolved_list": Route(see="decide_match"),
    "students:naming_list": Route(see="decide_match"),
    "students:naming_export": Route(see="decide_match", act="export_lists", methods=POST),
    "students:unresolved_export": Route(see="decide_match", act="export_lists", methods=POST),
    "students:unresolved_decide": unresolved(methods=BOTH),
    "students:unresolved_undo": resolution(act="decide_match", methods=POST),
    "students:filled_list": Route(see="fill_lists"),
    "students:filled_fetch": Route(see="fill_lists", methods=POST),
    "students:filled_send": Route(see="fill_lists", methods=BOTH),
    "students:filled_detail": filled(),
    "students:filled_progress": filled(),
    "students:filled_withdraw": filled(methods=POST),
    "students:filled_annotated": filled(methods=POST),
    "students:snapshot_upload": Route(see="import_lists", methods=BOTH),
    "students:snapshot_detail": snapshot(),
    "students:snapshot_progress": snapshot(),
    "students:snapshot_columns": snapshot(act="import_lists", methods=BOTH),
    "students:snapshot_read": snapshot(act="import_lists", methods=POST),
    "students:snapshot_approve": snapshot(act="approve_import", methods=POST),
    "students:snapshot_withdraw": snapshot(act="import_lists", methods=POST),
    "students:snapshot_undo": snapshot(act="undo_import", methods=POST),
    "students:snapshot_changes": snapshot(act="export_lists", methods=POST),
    "students:snapshot_annotated": snapshot(act="import_lists", methods=POST),
    "students:comparison": Route(see="see_account"),
    "students:comparison_names": Route(see="see_account", query="?bucket=neither"),
    "students:comparison_export": Route(see="see_account", act="export_lists", methods=POST),
    "students:match_list": Route(see="decide_match"),
    "students:match_decide": match(act="decide_match", methods=BOTH),
}
ROUTES |= access_rolls.ROUTES
