"""A person's word that two records are one child, that one record is two children, or that such a word was wrong.

What was said is remembered as matches between the numbers of both sides, so that no later list undoes it.
"""

from types import SimpleNamespace

from django.db import connection, transaction
from django.utils import timezone

from core import audit, scope
from core.workflow import NoRight, Refused
from students.actions import deriving, linking, merging, placing, sharing
from students.actions.merging import Move
from students.models import Child, ChildNumber, ListRow, Match, MergeEvent
from students.rules.names import pinyin_initials

NO_RIGHT = NoRight("您的角色不能合并、拆分学生记录，请学籍管理员或控辍专干办理。")
NUMBERS = "students.ChildNumber.child"


def why_not_merge(source, target, user):
    """None if `user` may make the two records one, else the sentence."""
    if source.pk == target.pk:
        return "这是同一条记录，不用合并。"
    if source.merged_into_id or target.merged_into_id:
        return "其中一条记录已经合并到别的记录，请打开合并后的那一条再办。"
    if not (may_decide(user, source) and may_decide(user, target)):
        return NO_RIGHT
    return merging.clashes([(source.pk, target.pk)]).get(source.pk)


def may_decide(user, child):
    return bool(set(scope.granted_nodes(user, "decide_match")) & set(child.scope_nodes))


@transaction.atomic
def merge(*, source, target, reason, by):
    """All that hangs on `source` goes to `target`; `source` is no record of its own any more. Refused with the sentence."""
    source, target = locked(source.pk, target.pk)
    sentence = why_not_merge(source, target, by)
    if sentence:
        raise Refused(sentence)
    (event,) = merging.carry(
        [Move(source, target, None, MergeEvent.Kind.MERGE)], MergeEvent.Origin.PERSON, by=by, reason=reason
    )  # fmt: skip
    settle([source.pk, target.pk])
    _remember_same(target, reason, by)
    audit.record("children_merged", by=by, subject=target, reason=reason, merged=str(source.public_id), rows=sum(event.counts.values()))
    return event


def why_not_split(child, numbers, user):
    """None if `user` may give `numbers` of `child` a record of their own, else the sentence."""
    if child.merged_into_id:
        return "这条记录已经合并到别的记录，请打开合并后的那一条再办。"
    if not may_decide(user, child):
        return NO_RIGHT
    own = set(child.numbers.values_list("pk", flat=True))
    chosen = {number.pk for number in numbers}
    if len(own) < 2:
        return "这条记录只有一个号码，没有可以拆开的。"
    if not chosen or not chosen <= own:
        return "请选出属于另一个孩子的号码。"
    return "不能把全部号码都拆走，至少留一个给原来的记录。" if chosen == own else None


@transaction.atomic
def split(*, child, numbers, reason, by):
    """The chosen numbers, their list rows and what follows from them become a record of their own; what people entered stays with
    `child`. Returns the events, one for each number."""
    (child,) = locked(child.pk)
    numbers = list(ChildNumber.objects.select_for_update(of=("self",)).filter(pk__in=[number.pk for number in numbers]).order_by("pk"))
    sentence = why_not_split(child, numbers, by)
    if sentence:
        raise Refused(sentence)
    own = _own_record(child, numbers)
    events = []
    for number in numbers:
        events += merging.carry([Move(child, own, number, MergeEvent.Kind.SPLIT)], MergeEvent.Origin.PERSON, by=by, reason=reason)
    _remember_apart(numbers, child.numbers.exclude(pk__in=[number.pk for number in numbers]), reason, by)
    settle([child.pk, own.pk])
    audit.record("child_split", by=by, subject=child, reason=reason, own=str(own.public_id), numbers=len(numbers))
    return events


def _own_record(child, numbers):
    """A record for the numbers that leave; lists tell it its particulars a moment later."""
    best = max(numbers, key=lambda number: (number.valid, -number.pk))
    first = ListRow.objects.filter(identity=bytes(best.identity)).order_by("pk").values_list("snapshot", flat=True).first()
    return Child.objects.create(
        name=child.name, name_key=best.name_key, pinyin=pinyin_initials(child.name)[:20], birth_on=best.birth_on,
        number=best.number, number_index=bytes(best.identity) if best.number else None, last_four_index=best.last_four_index,
        number_state="valid" if best.valid else "invalid" if best.number else "none", first_snapshot_id=first,
    )  # fmt: skip


def why_not_undo(event, user):
    """None if `user` may take the event back now, else the sentence."""
    if event.undone_at:
        return f"已由 {event.undone_by or '系统'} 撤销。"
    later = MergeEvent.objects.standing().about([event.source_id, event.target_id]).filter(pk__gt=event.pk).order_by("-pk").first()
    if later:
        return f"这之后还有一次{later.get_kind_display()}（{timezone.localtime(later.recorded_at):%Y-%m-%d %H:%M}），请先撤销它。"
    return None if may_decide(user, event.target) else NO_RIGHT


@transaction.atomic
def undo(*, event, reason, by):
    """The records are what they were before the event; that they are two children (or, after a split, one) is remembered."""
    locked(event.source_id, event.target_id)
    event = MergeEvent.objects.select_for_update(of=("self",)).select_related("source", "target", "undone_by").get(pk=event.pk)
    sentence = why_not_undo(event, by)
    if sentence:
        raise Refused(sentence)
    merging.take_back(event)
    event.undone_by, event.undone_at, event.undone_reason = by, timezone.now(), reason[:200]
    event.save(update_fields=["undone_by", "undone_at", "undone_reason"])
    if event.kind == MergeEvent.Kind.SPLIT:
        _remember_same(event.source, reason, by)
    else:
        went = ChildNumber.objects.filter(pk__in=event.moved.get(NUMBERS, []))
        _remember_apart(went, event.target.numbers.exclude(pk__in=went.values("pk")), reason, by)
    sharing.withdraw([event.source_id, event.target_id])
    settle([event.source_id, event.target_id])
    audit.record("merge_undone", by=by, subject=event.target, reason=reason, event=str(event.public_id), kind=event.kind)
    return event


def locked(*keys):
    """The records in the order asked for, locked in the order of their keys; no list is taken in meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('students.lists'))")
    found = {child.pk: child for child in Child.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    return [found[key] for key in keys]


def settle(children):
    """Facts, places and scope of the records anew."""
    linking.open_touched(SimpleNamespace(pk=0))  # no batch: only the records named
    linking.touch(children)
    derive_again()


def derive_again():
    """What follows from the rows of the touched children: facts, corrections that hold, acts that hold, places and scope."""
    deriving.derive()
    placing.place()


def _remember_same(child, reason, by):
    """Every number of the record is the child's: by the best of them, so that no list parts them again."""
    numbers = list(child.numbers.order_by("-valid", "pk"))
    for number in numbers[1:]:
        remember(number, numbers[0], Match.State.CONFIRMED, reason, by)


def _remember_apart(some, others, reason, by):
    """No number of one side is a form of a number of the other; a doubtful one is the odd one of its pair."""
    for number in some:
        for other in others:
            odd, meant = (other, number) if number.valid and not other.valid else (number, other)
            remember(odd, meant, Match.State.REJECTED, reason, by)


def remember(odd, meant, state, reason, by):
    """A person's word on two numbers, in place of whatever was said of them before."""
    Match.objects.filter(odd=meant, meant=odd).delete()
    given = {"state": state, "decided_by": by, "decided_at": timezone.now(), "reason": reason[:200]}
    Match.objects.update_or_create(
        odd=odd, meant=meant, defaults=given,
        create_defaults={**given, "rule": Match.Rule.PERSON, "inputs": {"version": linking.RULE_VERSION}},
    )  # fmt: skip
