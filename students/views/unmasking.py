"""Showing numbers in full: a reason, an audit row, thirty minutes for one child or one school's roster (design.md §3)."""

from django.utils import timezone

from core import audit, scope
from students.models import Child

MINUTES = 30
SESSION_KEY = "unmasked"


def subject_key(subject):
    return f"{subject._meta.model_name}:{subject.public_id}"


def unmask(request, subject, *, reason, organization=None):
    """Opens the numbers of `subject` (a child, or a school's roster) for this session; the audit row says who and why."""
    audit.record_view("numbers_unmasked", by=request.user, subject=subject, organization=organization, reason=reason, minutes=MINUTES)
    now = timezone.now()
    opened = {key: until for key, until in request.session.get(SESSION_KEY, {}).items() if until > now.timestamp()}
    opened[subject_key(subject)] = (now + timezone.timedelta(minutes=MINUTES)).timestamp()
    request.session[SESSION_KEY] = opened


def is_unmasked(request, subject):
    """Whether `subject` was opened in this session within the last thirty minutes."""
    return request.session.get(SESSION_KEY, {}).get(subject_key(subject), 0) > timezone.now().timestamp()


def may_unmask(user, child):
    return Child.objects.visible_to(user, "reveal_numbers").filter(pk=child.pk).exists()


def is_roster_shown(request, school):
    """Whether the roster was opened in this session and the right to it is still held."""
    return is_unmasked(request, school) and may_unmask_roster(request.user, school)


def may_unmask_roster(user, school):
    return scope.may(user, "reveal_numbers", school)
