"""Attendance workbooks: received, previewed, taken in by one act; the same file twice is the same."""

import tempfile

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit, files
from core.models import Organization
from core.scope import granted_nodes, require
from core.spreadsheets import WorkbookRefused, read_guarded
from core.workflow import Refused
from students.actions.attendance import mark
from students.actions.slips import give
from students.imports.attendance import ALIASES, Reader
from students.models import AttendanceFile, ClassMark, LeaveSlip
from students.rules.mark_keys import MOST_ROWS

State = AttendanceFile.State
NOT_NEEDED = ("school_code", "grade", "number", "row_key")
NO_TABLE = "没有找到考勤表。请在表头写明：" + "、".join(names[0] for key, names in ALIASES.items() if key not in NOT_NEEDED)


def read(path, name, by, today):
    """The Reading of a workbook in the classes of `by`; WorkbookRefused with its sentence where there is none."""
    reading = Reader(Organization.objects.visible_to(by, "mark_attendance"), today).read(read_guarded(path, name))
    if reading is None:
        raise WorkbookRefused(f"《{name}》里{NO_TABLE}。")
    if reading.total > MOST_ROWS:
        raise WorkbookRefused(f"《{name}》有 {reading.total} 行，一次最多 {MOST_ROWS} 行。请按月拆开。")
    return reading


@transaction.atomic
def receive(*, content, name, by, today):
    """(AttendanceFile, whether it is new). A file that cannot be read is kept as refused with the sentence."""
    require(by, "mark_attendance")
    node = Organization.objects.filter(pk__in=granted_nodes(by, "mark_attendance")).order_by("pk").first()
    stored = files.store(content, name, "application/octet-stream", by)
    same = AttendanceFile.objects.filter(organization=node, sha256=stored.sha256, state__in=["staged", "applied"]).first()
    if same:
        return same, False
    facts = {"organization": node, "file": stored, "sha256": stored.sha256, "received_by": by}
    try:
        reading = opened(stored, by, today)
    except WorkbookRefused as refusal:
        refused = AttendanceFile.objects.create(**facts, state=State.REFUSED, message=str(refusal)[:300])
        audit.record("attendance_file_received", by=by, organization=node, subject=refused, outcome="refused")
        return refused, True
    try:
        with transaction.atomic():
            staged = AttendanceFile.objects.create(**facts, state=State.STAGED, **counted(reading))
    except IntegrityError:
        return AttendanceFile.objects.get(organization=node, sha256=stored.sha256, state__in=["staged", "applied"]), False
    audit.record("attendance_file_received", by=by, organization=node, subject=staged, rows=reading.total, refused=len(reading.issues))
    return staged, True


def opened(stored, by, today):
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(files.read(stored))
        copy.flush()
        return read(copy.name, stored.name, by, today)


def counted(reading):
    keys = reading.half_days()
    marked = set(ClassMark.objects.filter(class_node__in=reading.nodes).values_list("class_node_id", "on", "half"))
    return {
        "rows": reading.total, "half_days": len(keys), "held_back": len(reading.held),
        "already": sum(key in marked for key in keys), "issues": reading.issues,
    }  # fmt: skip


@transaction.atomic
def apply(*, file, by, today):
    """Take the half-days in; what is held back stays "not marked". Those marked before are corrected, with the file as the reason."""
    file = AttendanceFile.objects.select_for_update(of=("self",)).select_related("file", "organization").get(pk=file.pk)
    require(by, "mark_attendance", file.organization)
    if file.state != State.STAGED:
        raise Refused("这份考勤表已经入库，不会重复登记。" if file.state == State.APPLIED else file.message)
    reading = opened(file.file, by, today)
    rows = reading.rows()
    if not rows:
        raise Refused("没有可以入库的班级半天：请按列出的问题改好后再传。")
    counts = counted(reading)
    for facts in reading.slips():
        if not LeaveSlip.objects.covering(facts["first_on"], facts["first_half"]).filter(child=facts["child"]).exists():
            give(by=by, **facts)
    outcome = mark(rows=rows, by=by, source=ClassMark.Source.FILE, today=today, note=f"导入《{file.file.name}》"[:200])
    for name, value in (counts | {"state": State.APPLIED, "applied_by": by, "applied_at": timezone.now()}).items():
        setattr(file, name, value)
    file.save()
    return file, outcome
