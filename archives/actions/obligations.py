"""Who owes what: filled from the schools that have compulsory sections."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from archives.models import ReportKind, ReportObligation
from core import audit
from core.models import Organization
from students.models import COMPULSORY_STAGES, Section


def schools_with_compulsory_sections(on):
    """Schools that teach the compulsory stages on the day `on`, themselves or in a teaching point."""
    sections = Section.objects.filter(Q(since=None) | Q(since__lte=on), Q(until=None) | Q(until__gt=on), stage__in=COMPULSORY_STAGES)
    own, points = sections.filter(school=OuterRef("pk")), sections.filter(school__parent=OuterRef("pk"), school__kind="teaching_point")
    return Organization.objects.in_force(on).filter(Exists(own) | Exists(points), kind=Organization.Kind.SCHOOL)


@transaction.atomic
def refresh_obligations(*, since, until, by=None):
    """The table follows the schools over the period from `since` to `until`: new ones owe from `since`, those that are gone owe until the
    day after `until`. Returns (opened, ended)."""
    schools = schools_with_compulsory_sections(until)
    open_now = ReportObligation.objects.filter(kind=ReportKind.MONTHLY, until=None)
    owing = ReportObligation.objects.in_force(until).filter(kind=ReportKind.MONTHLY).values("organization")
    added = [
        ReportObligation(kind=ReportKind.MONTHLY, organization_id=pk, since=since)
        for pk in schools.exclude(pk__in=owing).values_list("pk", flat=True)
    ]
    opened = len(ReportObligation.objects.bulk_create(added, ignore_conflicts=True))
    gone = list(open_now.filter(since__lt=until).exclude(organization__in=schools).values_list("pk", flat=True))
    ended = ReportObligation.objects.filter(pk__in=gone).update(until=until) if gone else 0
    if opened or ended:
        audit.record("report_obligations_refreshed", by=by, opened=opened, ended=ended, on=str(until))
    return opened, ended


@transaction.atomic
def set_mode(*, obligation, mode, by):
    """In the system or on paper, from the next report made on; a draft that waits now follows at once."""
    obligation = ReportObligation.objects.select_for_update().get(pk=obligation.pk)
    obligation.mode = mode
    obligation.save(update_fields=["mode"])
    obligation.organization.reports.filter(kind=obligation.kind, state="draft").update(mode=mode)
    audit.record("report_mode_set", by=by, subject=obligation, organization=obligation.organization, mode=mode)
    return obligation
