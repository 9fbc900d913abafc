"""Writes the audit rows. The row is part of the act's own transaction: no act without its row, no row of an act undone."""

from contextvars import ContextVar
from dataclasses import dataclass

from core.models import AuditEntry

_words: dict[str, str] = {}


def name_acts(words):
    """Tell the audit list how to word acts: {act: words on the screen}."""
    _words.update(words)


def words_of(act):
    return _words.get(act, act)


def acts_worded(text):
    """The acts whose words contain `text`, for the search of people who know words, not codes."""
    return [act for act, words in _words.items() if text in words]


@dataclass(frozen=True)
class Origin:
    """Where a request came from; empty for commands and jobs."""

    request_id: str = ""
    address: str = ""


NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def record(act, *, by, subject=None, organization=None, outcome=AuditEntry.Outcome.DONE, reason="", **detail):
    """One row: `by` (a user or None for the system) did `act` to `subject`. `detail` holds counts and codes, never a number or an address
    of a person.
    """
    came_from = origin.get()
    return AuditEntry.objects.create(
        act=act,
        actor_id=getattr(by, "pk", None),
        actor_name=getattr(by, "name", "") or "系统",
        outcome=outcome,
        organization_id=getattr(organization, "pk", None),
        subject_kind=subject._meta.label_lower if subject is not None else "",
        subject_id=str(getattr(subject, "public_id", "") or getattr(subject, "pk", "")) if subject is not None else "",
        detail=detail,
        reason=reason,
        request_id=came_from.request_id,
        address=came_from.address,
    )


def record_view(act, *, by, subject=None, organization=None, **detail):
    """A read that is to be known: a child's page, an export, an unmasking."""
    return record(act, by=by, subject=subject, organization=organization, outcome=AuditEntry.Outcome.SEEN, **detail)
