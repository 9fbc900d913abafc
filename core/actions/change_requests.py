"""Change requests: asked, submitted, decided by another person, or withdrawn. The subject is whatever an app registers.

An approval compares what the field was when asked with what it is now and refuses a stale request with both values."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from core.models import ChangeRequest
from core.models.change_request import CHANGE
from core.workflow import Refused


class Stale(Refused):
    """The field is not what it was when the change was asked for; `.now` and `.was` are its words."""

    def __init__(self, request, now, was):
        self.now, self.was = now, was
        super().__init__(
            f"“{field_of(request).label}”在申请之后已经变了：申请时是“{was or '空'}”，现在是“{now or '空'}”。请不予同意，按现在的内容重新申请。"
        )


@dataclass(frozen=True)
class Changeable:
    """One field. `clean(text)` gives (stored text, sentence why it cannot be); `show(text)` its words on the screen."""

    name: str
    label: str
    clean: Callable
    show: Callable = str
    proof: bool = False


@dataclass(frozen=True)
class Subject:
    """`find(public_id, lock)` the object or None; `nodes(obj)` its scope; `current(obj, field)` the stored text; `why_not(obj, field, new)`
    a sentence or None; `apply(obj, field, new, request, by)` writes."""

    kind: str
    fields: tuple[Changeable, ...]
    find: Callable
    nodes: Callable
    current: Callable
    apply: Callable
    why_not: Callable = lambda obj, field, new: None


SUBJECTS: dict[str, Subject] = {}


def register(subject):
    SUBJECTS[subject.kind] = subject


def field_of(request):
    return _field(SUBJECTS[request.subject_kind], request.field)


def subject_of(request):
    """The record that is to be changed; None where it was merged away."""
    return SUBJECTS[request.subject_kind].find(request.subject_id)


def _field(subject, name):
    return next(field for field in subject.fields if field.name == name)


@transaction.atomic
def draft(*, kind, obj, field, new, reason, by, proof=None):
    """A draft for one field. Refused with the sentence for what may not be asked, changes nothing, or is asked already."""
    subject = SUBJECTS[kind]
    changeable, old = _field(subject, field), subject.current(obj, field)
    value, sentence = changeable.clean(new)
    sentence = sentence or (f"“{changeable.label}”现在就是“{changeable.show(value)}”，没有要更正的。" if value == old else None)
    sentence = sentence or subject.why_not(obj, field, value)
    if not sentence and changeable.proof and proof is None:
        sentence = f"更正“{changeable.label}”要附证明（户口簿、身份证、派出所证明等的照片或扫描件）。"
    if sentence:
        raise Refused(sentence)
    request = ChangeRequest(
        subject_kind=kind, subject_id=str(obj.public_id), subject_name=str(obj)[:60], nodes=list(subject.nodes(obj)), field=field, old=old,
        new=value, reason=reason[:200], proof=proof, requested_by=by,
    )  # fmt: skip
    _require_right(request, "submit", by)
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as taken:
        raise Refused(f"“{changeable.label}”已有一份更正申请在办理，请先等它办完或由申请人撤回。") from taken
    audit.record("change_drafted", by=by, subject=obj, field=field, request=str(request.public_id))
    return request


def _require_right(request, name, by):
    sentence = CHANGE.why_not(request, name, by)
    if sentence:
        raise Refused(sentence)


@transaction.atomic
def submit(*, request, by):
    """From now on the request does not change any more."""
    return _move(request, "submit", by, submitted_at=timezone.now())


@transaction.atomic
def withdraw(*, request, by):
    """Only by who asked."""
    if request.requested_by_id != by.pk:
        raise Refused("只有申请人本人可以撤回。")
    return _move(request, "withdraw", by)


@transaction.atomic
def refuse(*, request, decision, by):
    if not decision.strip():
        raise Refused("不予同意要写明理由。")
    return _move(request, "refuse", by, decision=decision[:200], decided_by=by, decided_at=timezone.now())


@transaction.atomic
def approve(*, request, by, decision=""):
    """The change happens, in this transaction. Stale with both values when the field changed after it was asked for."""
    request = _locked(request)
    _require_right(request, "approve", by)
    subject = SUBJECTS[request.subject_kind]
    obj = subject.find(request.subject_id, lock=True)
    if obj is None:
        raise Refused("要更正的记录已经不在或已合并到别的记录，请不予同意，在现在的记录上重新申请。")
    now, show = subject.current(obj, request.field), field_of(request).show
    if now != request.old:
        raise Stale(request, show(now), show(request.old))
    sentence = subject.why_not(obj, request.field, request.new)
    if sentence:
        raise Refused(sentence)
    subject.apply(obj, request.field, request.new, request, by)
    return _move(request, "approve", by, decision=decision[:200], decided_by=by, decided_at=timezone.now())


def _locked(request):
    return ChangeRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)


def _move(request, name, by, **facts):
    request = _locked(request)
    _require_right(request, name, by)
    request.state = CHANGE.table[name].target
    for fact, value in facts.items():
        setattr(request, fact, value)
    request.save(update_fields=["state", *facts])
    about = {"field": request.field, "request": str(request.public_id)}
    audit.record(f"change_{name}", by=by, subject=subject_of(request), reason=facts.get("decision", ""), **about)
    return request
