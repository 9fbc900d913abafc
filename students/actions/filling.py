"""Lists that a unit fills in itself: which ones, and nothing of what other units hold (issue 3 §1).

The unit's own staff fetch them filled in and send them back; they are staged like any list and decided on by whoever may approve.
"""

from core import scope
from core.models import Organization
from core.workflow import Refused
from students.models import SourceSnapshot, StagedRow
from students.rules.kinds import FILLED_AT, KINDS

PERMISSION = "fill_lists"
NOT_YOURS = "现有资料里这一行不属于本单位，没有改动。确实要改的，请告诉教育局学籍管理员办理。"


def units_of(user):
    """The units whose lists the person may fetch and send back."""
    return Organization.objects.visible_to(user, PERMISSION).filter(kind__in=FILLED_AT)


def of_user(user):
    """What the person's units have sent back."""
    return SourceSnapshot.objects.filter(filled=True).visible_to(user, PERMISSION)


def require(kind, coverage, by):
    """Forbidden unless `by` may fill in lists for `coverage`, Refused unless it fills in lists of this kind."""
    scope.require(by, PERMISSION, coverage)
    if kind not in FILLED_AT.get(coverage.kind, ()):
        offered = "、".join(KINDS[code].label for code in FILLED_AT.get(coverage.kind, ())) or "没有"
        raise Refused(f"{coverage.name}不填报“{KINDS[kind].label}”。可以填报的名单：{offered}。")


def may_fill(snapshot, user):
    return snapshot.filled and scope.may(user, PERMISSION, snapshot.coverage)


def fence(snapshot):
    """A filled list's rows that meet a row of another unit change nothing and learn nothing: they are conflicts for the approver."""
    if snapshot.filled:
        own = snapshot.comparable().filter(until=None)
        met = StagedRow.objects.filter(snapshot=snapshot, standing__isnull=False).exclude(standing__in=own)
        met.update(outcome=StagedRow.Outcome.CONFLICT, standing=None, why=NOT_YOURS)
