"""The one writer of standings: facts that explain where a child of school age is (students.rules.standings)."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from core import audit
from core.workflow import Refused
from students.models import Child, Standing
from students.rules.standings import NEVER_REASONS, REASON_LABELS, SOURCES, STANDINGS

FACTS = ("since", "until", "reason", "place", "document", "proof_id", "row_id")
BATCH = 5000


@transaction.atomic
def record(*, rows, by, audited=True):
    """Record standings: `rows` of {child, code, since, source} and, where there is one, until, reason, place, document, proof, row,
    reference. `child` a Child or its id.

    The same (child, source, reference, code) while nobody has ended it is the same fact: it takes the new particulars, or nothing
    changes. One audit row a batch; `audited=False` where the caller's own audit row tells it. Returns the rows that are new."""
    wanted = {}
    for row in rows:
        made = _made(row, by)
        wanted[_key(made)] = made
    _lock({made.child_id for made in wanted.values()})
    standing = _standing(wanted.values())
    changed = [_changed(standing[key], made) for key, made in wanted.items() if key in standing and _differs(standing[key], made)]
    Standing.objects.bulk_update(changed, FACTS, batch_size=BATCH)
    new = Standing.objects.bulk_create([made for key, made in wanted.items() if key not in standing], batch_size=BATCH)
    if audited and (new or changed):
        audit.record("standings_recorded", by=by, new=len(new), changed=len(changed), codes=sorted({row.code for row in [*new, *changed]}))
    return new


@transaction.atomic
def end(*, source, references, on, by, children=None, codes=None, audited=True):
    """End what `source` wrote under `references` (for these `children` and `codes` only, where given): the day `on` is the first on which
    it no longer holds. What was over before keeps its day. Returns how many ended; run twice, the second ends none."""
    found = Standing.objects.open().filter(source=source, reference__in=[str(reference) for reference in references])
    if children is not None:
        found = found.filter(child__in=children)
    if codes is not None:
        found = found.filter(code__in=codes)
    ended = found.update(until=Greatest(F("since"), Least(Coalesce(F("until"), on), on)), ended_at=timezone.now(), ended_by=by)
    if audited and ended:
        audit.record("standings_ended", by=by, count=ended, source=source, on=str(on))
    return ended


def _made(row, by):
    """An unsaved Standing; Refused with a sentence for what no table knows."""
    code, reason, source = row["code"], row.get("reason") or "", row["source"]
    if code not in STANDINGS:
        raise Refused(f"去向“{code}”不认识，只能是：{'、'.join(entry.label for entry in STANDINGS.values())}。")
    if reason in NEVER_REASONS:
        raise Refused(NEVER_REASONS[reason])
    if reason and reason not in REASON_LABELS:
        raise Refused(f"核减原因代码“{reason}”不认识，请按代码表填写。")
    if code == "removed" and not reason:
        raise Refused("核减要写明原因代码。")
    if source not in dict(SOURCES):
        raise ValueError(f"no standing comes from {source!r}")
    since, until = row["since"], row.get("until")
    if until is not None and until < since:
        raise Refused(f"截止日期 {until} 早于起始日期 {since}，请核对。")
    return Standing(
        child_id=getattr(row["child"], "pk", row["child"]), code=code, reason=reason, since=since, until=until,
        place=(row.get("place") or "")[:120], document=(row.get("document") or "")[:80], proof=row.get("proof"), row=row.get("row"),
        source=source, reference=str(row.get("reference") or ""), by=by,
    )  # fmt: skip


def _key(row):
    return (row.child_id, row.source, row.reference, row.code)


def _lock(children):
    """Two batches that write about one child wait for each other."""
    list(Child.objects.select_for_update(no_key=True).filter(pk__in=children).order_by("pk").values_list("pk"))


def _standing(wanted):
    children, sources = {row.child_id for row in wanted}, {row.source for row in wanted}
    return {_key(row): row for row in Standing.objects.open().filter(child__in=children, source__in=sources)}


def _differs(old, new):
    return any(getattr(old, fact) != getattr(new, fact) for fact in FACTS)


def _changed(old, new):
    for fact in FACTS:
        setattr(old, fact, getattr(new, fact))
    return old
