"""T5: rows that no rule ties to a child wait for a person's conclusion, which the next list remembers and which can be taken back."""

from types import SimpleNamespace

from django.db import connection, transaction
from django.utils import timezone

from core import audit, scope
from core.workflow import NoRight, Refused
from students.actions import joining, linking
from students.actions.following import references
from students.models import ChildNumber, ChildPlace, ListRow, Match, Resolution
from students.rules.kinds import MAKES_CHILDREN

PERMISSION = "decide_match"
Conclusion = Resolution.Conclusion
TIE = "update students_listrow set child_id = %s where until is null and child_id is null and identity = %s"


def why_not(row, user):
    """None if `user` may conclude on `row` now, else the sentence."""
    if not scope.may(user, PERMISSION, row.snapshot.coverage):
        return NoRight("您的角色不能判断对不上的记录，请学籍管理员或控辍专干办理。")
    if row.until is not None:
        return "更新的名单里已经没有这一行，不用再判断。"
    said = Resolution.objects.standing().filter(identity=bytes(row.identity)).exclude(conclusion=Conclusion.ASKED).first()
    return f"已由 {said.by.name} 判断为“{said.get_conclusion_display()}”。要改请先撤销。" if said else None


@transaction.atomic
def conclude(*, row, conclusion, reason, by, child=None):
    """Say of the row's person who it is. `child`: whom it is, for IS_CHILD. Refused with the sentence."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('students.lists'))")
    row = ListRow.objects.select_related("snapshot__coverage", "child").get(pk=row.pk)
    sentence = why_not(row, by)
    if sentence:
        raise Refused(sentence)
    asked = Resolution.objects.standing().filter(identity=bytes(row.identity))
    asked.update(undone_at=timezone.now(), undone_by=by, undone_reason="已有结论")
    made = _ACTS[conclusion](row, child, reason, by)
    said = Resolution.objects.create(
        identity=bytes(row.identity), name=row.name, told=place_of(row), coverage=row.snapshot.coverage, conclusion=conclusion,
        reason=reason[:200], by=by, **made,
    )  # fmt: skip
    audit.record(
        "row_concluded", by=by, subject=said.child or row.snapshot, organization=row.snapshot.coverage, reason=reason,
        conclusion=conclusion, resolution=str(said.public_id),
    )  # fmt: skip
    return said


def place_of(row):
    return f"{row.snapshot.get_kind_display()} {row.snapshot.as_of} {row.sheet} 第 {row.row_number} 行"[:120]


def _is_child(row, child, reason, by):
    if child is None:
        raise Refused("请先选出这一行是哪个学生。")
    if child.merged_into_id or not joining.may_decide(by, child):
        raise Refused("这个学生不在您可以判断的范围里，或已并到别的记录。")
    if row.child_id == child.pk:
        raise Refused("这一行已经归在这个学生名下。")
    if row.child_id:
        return {"child": child, "merge": joining.merge(source=row.child, target=child, reason=reason, by=by)}
    number = _number(row, child, valid=False)
    meant = child.numbers.exclude(pk=number.pk).order_by("-valid", "pk").first()
    if meant:
        given = {"rule": Match.Rule.PERSON, "state": Match.State.CONFIRMED, "decided_by": by, "decided_at": timezone.now()}
        Match.objects.create(odd=number, meant=meant, reason=reason[:200], inputs={"version": linking.RULE_VERSION}, **given)
    _tie(row, child)
    return {"child": child, "number": number}


def _new_child(row, child, reason, by):
    if row.child_id:
        return {"child": row.child}
    made = linking.own_child(row)
    number = _number(row, made, valid=row.number_valid)
    _tie(row, made)
    made.refresh_from_db()
    if not made.scope_nodes:
        ChildPlace.objects.create(child=made, node=row.node or row.snapshot.coverage, why=ChildPlace.Why.REPORTED, since=row.since)
        joining.settle([made.pk])
    return {"child": made, "number": number}


_ACTS = {
    Conclusion.IS_CHILD: _is_child, Conclusion.NEW_CHILD: _new_child, Conclusion.NOT_OURS: lambda *given: {},
    Conclusion.ASKED: lambda *given: {},
}  # fmt: skip


def _number(row, child, *, valid):
    if ChildNumber.objects.filter(identity=bytes(row.identity)).exists():
        raise Refused("这个号码刚刚归到了一个学生名下，请刷新后再看。")
    return linking.number_of(row, child, valid=valid)


def _tie(row, child):
    with connection.cursor() as cursor:
        cursor.execute(TIE, [child.pk, bytes(row.identity)])
    joining.settle([child.pk])


def why_not_undo(said, user):
    """None if `user` may take the conclusion back now, else the sentence."""
    if said.undone_at:
        return f"已由 {said.undone_by.name} 撤销。"
    if not scope.may(user, PERMISSION, said.coverage):
        return NoRight("您的角色不能撤销这个结论，请学籍管理员或控辍专干办理。")
    if said.merge:
        return joining.why_not_undo(said.merge, user)
    if said.number and ListRow.objects.filter(identity=bytes(said.number.identity), kind__in=MAKES_CHILDREN).exists():
        return "之后的户籍、学籍或在校名单已用这个号码登记了他，不能撤销结论。要分开请在学生页用“拆分”。"
    if said.conclusion == Conclusion.NEW_CHILD and said.number and _dependents(said):
        return "按这个结论新建的学生已有后续记录，不能撤销。请先处理那些记录，或用“合并”。"
    return None


def _dependents(said):
    """Whether anything but its own rows, number and places hangs on the child that the conclusion made."""
    own = (ChildNumber, ChildPlace, ListRow, Resolution)
    others = [(model, field) for model, field in references() if model not in own and field.name == "child"]
    facts = [
        model for model, field in others if not hasattr(model, "row") and model._base_manager.filter(**{field.name: said.child}).exists()
    ]
    entered = said.child.numbers.exclude(pk=said.number_id).exists()
    return bool(facts or entered)


@transaction.atomic
def undo(*, said, reason, by):
    """The row waits again as it did before. Refused with the sentence."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('students.lists'))")
    said = Resolution.objects.select_for_update(of=("self",)).select_related("child", "number", "merge", "coverage").get(pk=said.pk)
    sentence = why_not_undo(said, by)
    if sentence:
        raise Refused(sentence)
    child, number = said.child, said.number
    said.undone_at, said.undone_by, said.undone_reason = timezone.now(), by, reason[:200]
    if number:
        said.child, said.number = None, None
    said.save()
    if said.merge:
        joining.undo(event=said.merge, reason=reason, by=by)
    if number:
        _untie(number, child, made=said.conclusion == Conclusion.NEW_CHILD)
    audit.record("conclusion_undone", by=by, subject=said, organization=said.coverage, reason=reason, conclusion=said.conclusion)
    return said


def _untie(number, child, *, made):
    rows = ListRow.objects.filter(identity=bytes(number.identity), child=child)
    ids = list(rows.values_list("pk", flat=True))
    for fact in ("registrations", "enrolments", "special_groups", "standings"):
        getattr(child, fact).filter(row__in=ids).delete()
    Match.objects.filter(odd=number).delete()
    rows.update(child=None)
    number.delete()
    if made:
        child.places.all().delete()
        child.delete()
    else:
        linking.open_touched(SimpleNamespace(pk=0))
        linking.touch([child.pk])
        joining.derive_again()
