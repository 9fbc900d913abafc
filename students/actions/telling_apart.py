"""A person's word that one number stands for two children: which names are the other child's, and whose the number is.

The names are remembered (SharedNumber), their rows get an identity of their own, and the record is split as any record is; undoing the
split makes it one again. What the lists gave each child besides goes along, what people entered stays.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Q

from core import audit
from core.workflow import Refused
from students.actions import joining, merging, sharing
from students.models import ChildNumber, ListRow, Match, MergeEvent, SharedNumber
from students.models.shared_number import NUMBER_STATE, OWN_IDENTITY

OWN = f"select {OWN_IDENTITY.format(number='%s::bytea', name='%s')}"
WITHOUT_NUMBER = """
update students_child c set number = null, number_index = null, last_four_index = null, number_state = %s, version = version + 1
where id = any(%s) and not exists (select 1 from students_childnumber n where n.child_id = c.id and n.source <> 'none')
"""


@dataclass(frozen=True)
class Claim:
    """What some rows under one number say of the child: the name, and the birth date."""

    name_key: str
    birth_on: date | None


def claims_of(number):
    """{Claim: [standing rows]} under the number, in the order of the names."""
    found = {}
    rows = ListRow.objects.filter(child=number.child_id, identity=bytes(number.identity), until=None).select_related("snapshot", "node")
    for row in rows.order_by("name_key", "birth_on", "kind", "pk"):
        found.setdefault(Claim(row.name_key[:60], row.birth_on), []).append(row)
    return found


def why_not_part(child, number, claims, user):
    """None if `user` may say that `claims` under `number` are another child's, else the sentence."""
    if child.merged_into_id:
        return "这条记录已经合并到别的记录，请打开合并后的那一条再办。"
    if not joining.may_decide(user, child):
        return joining.NO_RIGHT
    if number.source == ChildNumber.Source.NONE:
        return "没有证件号的记录没有号码可以分，请用“合并”或“拆分”。"
    there = set(claims_of(number))
    if not claims or not claims <= there:
        return "请选出属于另一个孩子的姓名。"
    return "不能把全部姓名都分走，至少留一个给原来的记录。" if claims == there else None


@transaction.atomic
def part(*, child, number, claims, goes, reason, by):
    """The rows of `claims` under `number` are another child's; `goes`: the number itself too. Refused with the sentence. The event."""
    (child,) = joining.locked(child.pk)
    number = ChildNumber.objects.select_for_update(of=("self",)).get(pk=number.pk, child=child)
    sentence = why_not_part(child, number, claims, by)
    if sentence:
        raise Refused(sentence)
    own = _renamed(number, set(claims_of(number)) - claims if goes else claims, reason, by)
    (event,) = joining.split(child=child, numbers=[number if goes else own], reason=reason, by=by)
    _without_number(child.pk, event.target_id)
    audit.record("number_told_apart", by=by, subject=child, reason=reason, own=str(event.target.public_id), number_goes=goes)
    return event


def _renamed(number, claims, reason, by):
    """Rows of these claims leave the number and are found by an entry of their own, which is still the same child's. The entry."""
    there = claims_of(number)
    whole = {claim.name_key for claim in claims} - {claim.name_key for claim in there.keys() - claims}
    first = min(claims, key=lambda claim: (claim.name_key, str(claim.birth_on)))
    own = _own_identity(number, first, whole)
    for name, birth in {(claim.name_key, None if claim.name_key in whole else claim.birth_on) for claim in claims}:
        SharedNumber.objects.get_or_create(
            identity=bytes(number.identity), name_key=name, birth_on=birth, defaults={"own_identity": own, "by": by, "reason": reason[:200]}
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sharing.NAME_ROWS, [[number.child_id]])
    stated = any(row.birth_stated for row in there.get(first, ()))
    return ChildNumber.objects.get_or_create(
        identity=own,
        defaults={
            "child_id": number.child_id, "source": ChildNumber.Source.NONE, "valid": False, "name_key": first.name_key,
            "birth_on": first.birth_on, "birth_stated": stated, "last_four_index": number.last_four_index,
        },
    )[0]  # fmt: skip


def _own_identity(number, claim, whole):
    known = SharedNumber.objects.filter(identity=bytes(number.identity), name_key=claim.name_key)
    same = known.filter(Q(birth_on=None) | Q(birth_on=claim.birth_on)).first()
    if same:
        return bytes(same.own_identity)
    with connection.cursor() as cursor:
        cursor.execute(OWN, [bytes(number.identity), claim.name_key if claim.name_key in whole else f"{claim.name_key}:{claim.birth_on}"])
        return bytes(cursor.fetchone()[0])


def _without_number(*children):
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_NUMBER, [NUMBER_STATE, list(children)])


def give(match, reason, by):
    """Of two children told apart under one number, the number is the odd one's: it goes there, and the other's rows keep to an entry of
    their own. Call inside the decision's transaction. The event."""
    number, taker = match.meant, match.odd.child
    holder, _ = joining.locked(number.child_id, taker.pk)
    left = _renamed(number, set(claims_of(number)) or {Claim(holder.name_key, holder.birth_on)}, reason, by)
    (event,) = merging.carry([merging.Move(holder, taker, number, MergeEvent.Kind.NUMBER)], MergeEvent.Origin.PERSON, by=by, reason=reason)
    joining.remember(match.odd, number, Match.State.CONFIRMED, reason, by)
    joining.remember(left, number, Match.State.REJECTED, reason, by)
    joining.settle([holder.pk, taker.pk])
    _without_number(holder.pk, taker.pk)
    audit.record("number_given", by=by, subject=taker, reason=reason, holder=str(holder.public_id))
    return event
