"""From confirmed to back in a classroom, and out again."""

from django.db import transaction

from core import audit
from core.workflow import Refused
from dropout.actions.evidence import add_photos
from dropout.actions.moving import locked, move, refuse
from dropout.codes import LEVELS, EvidenceKind, Line
from dropout.models import Assignment, PlacementRecord, ReturnRecord
from dropout.workflow import pending, require, why_no_people, why_no_proof


@transaction.atomic
def confirm(*, case, cause, on, by, left_on=None, note=""):
    """The suspicion is true: the child has left school for `cause`, since `left_on` where known."""
    case = locked(case)
    if left_on and left_on > on:
        raise Refused(f"辍学时间 {left_on} 晚于确认日期 {on}。请核对。")
    return move(case, "confirm", on=on, by=by, note=note, cause=cause, confirmed_on=on, left_on=left_on)


class PeopleChanged(Refused):
    """Somebody else changed the responsible people since the page was drawn."""

    def __init__(self):
        super().__init__("责任人在您打开页面之后已被另一个人改过，这一次没有保存。请打开个案页对照现在的责任人，再调整。")


def people_mark(case):
    """What a page of the responsible people was drawn from: the newest row, for each change adds one."""
    return str(case.assignments.order_by("-pk").values_list("pk", flat=True).first() or 0)


@transaction.atomic
def assign(*, case, rows, on, by, seen=""):
    """Name the responsible people: `rows` of {line, level, name, post, phone, user}. From confirmed this begins the persuading;
    later it changes people, the former ones keep their dates. Refused unless each line has somebody; PeopleChanged where `seen`, the mark
    of the page (`people_mark`), is no longer the newest."""
    case = locked(case)
    if seen and seen != people_mark(case):
        raise PeopleChanged
    starts = case.state == "confirmed"
    if starts:
        require(case, "assign", by)
    else:
        refuse(why_no_people(case, by))
    replace_people(case, rows, on, by)
    held = set(case.assignments.in_force().values_list("line", flat=True))
    lacking = [line.label for line in Line if line not in held]
    if lacking:
        raise Refused(f"{'、'.join(lacking)}还没有责任人：双线都要有人，每条线至少写一级。")
    if starts:
        move(case, "assign", on=on, by=by, note="、".join(row["name"] for row in rows))
    return list(case.assignments.in_force())


def replace_people(case, rows, on, by):
    for row in rows:
        if row["level"] not in dict(LEVELS[row["line"]]):
            raise Refused(f"“{row['name']}”的责任层级与责任线不符，请重新选择。")
        present = case.assignments.in_force().filter(line=row["line"], level=row["level"])
        if present.filter(name=row["name"], post=row.get("post", "")).exists():
            continue
        present.update(until=on)
        Assignment.objects.create(case=case, since=on, assigned_by=by, **row)


@transaction.atomic
def record_return(*, case, on, by, school_name, school=None, brought_by="", note="", photos=()):
    """The child is back in a school on the day `on`."""
    case = locked(case)
    require(case, "record_return", by)
    record = ReturnRecord.objects.create(
        case=case, returned_on=on, school=school, school_name=school_name, brought_by=brought_by, note=note, recorded_by=by
    )
    add_photos(case=case, uploads=photos, by=by, kind=EvidenceKind.RETURN_PROOF, return_record=record)
    move(case, "record_return", on=on, by=by, note=f"到{school_name} {note}".strip(), returned_on=on)
    return record


@transaction.atomic
def add_return_proof(*, case, uploads, by):
    """Photos or papers that prove the return, brought later."""
    case = locked(case)
    record = case.returns.first()
    refuse(why_no_proof(case, by))
    added = add_photos(case=case, uploads=uploads, by=by, kind=EvidenceKind.RETURN_PROOF, return_record=record)
    audit.record("return_proof_added", by=by, subject=case, organization=case.school or case.township, files=len(uploads))
    return added


@transaction.atomic
def consolidate(*, case, on, by, placement, school_name, support_teacher, class_name="", plan=""):
    """The child is placed: the months of looking after begin."""
    case = locked(case)
    require(case, "consolidate", by)
    record = PlacementRecord.objects.create(
        case=case, placement=placement, school_name=school_name, support_teacher=support_teacher, class_name=class_name, plan=plan,
        placed_on=on, recorded_by=by,
    )
    move(case, "consolidate", on=on, by=by, note=f"{record.get_placement_display()}，帮扶教师{support_teacher}", placement=placement)
    return record


@transaction.atomic
def drop_again(*, case, on, by, note):
    """The child left again before the case was closed: back to persuading, counted as a relapse (反复辍学)."""
    case = locked(case)
    require(case, "drop_again", by)
    if not note.strip():
        raise Refused("登记再次辍学要写明情况。")
    if pending(case.closings):
        raise Refused("这个个案有一份待批准的销号申请，请教育局先退回销号申请，再登记再次辍学。")
    return move(case, "drop_again", on=on, by=by, note=note, returned_on=None, placement="", relapses=case.relapses + 1)
