"""A person's word on a supplier's headings: kept for the next time they come, and used for the file that asked."""

from django.db import transaction

from core import audit, scope
from core.workflow import NoRight, Refused
from students.models import ColumnMapping, SourceSnapshot

State = SourceSnapshot.State


def why_not_map(snapshot, user):
    """None if `user` may say now what the columns are, else the sentence."""
    if not scope.may(user, "import_lists", snapshot.coverage):
        return NoRight("您的角色不能导入名单，请业务管理员、学籍管理员或控辍专干办理。")
    if not (snapshot.asks_columns or snapshot.state == State.STAGED):
        return f"这一批现在是“{snapshot.get_state_display()}”，列名对应只能在入库之前改。"
    return None


@transaction.atomic
def answer(*, snapshot, words, by):
    """`words` {heading: field or ""} for the headings that the snapshot asks about, or that it was staged with; its file is to be read
    anew. Refused with the sentence."""
    snapshot = SourceSnapshot.objects.select_for_update(of=("self",)).select_related("coverage", "file").get(pk=snapshot.pk)
    sentence = why_not_map(snapshot, by)
    if sentence:
        raise Refused(sentence)
    remember(snapshot=snapshot, words=words, by=by)
    snapshot.mapping = {}  # what is remembered is what counts from now on
    return read_anew(snapshot=snapshot)


@transaction.atomic
def remember(*, snapshot, words, by):
    """Keep `words` for this supplier, kind and every heading set of the snapshot's sheets that has one of the headings."""
    for fingerprint, headings in heading_sets(snapshot).items():
        said = {heading: field for heading, field in words.items() if heading in headings}
        known = {"supplier": snapshot.supplier, "kind": snapshot.kind, "fingerprint": fingerprint}
        ColumnMapping.objects.update_or_create(**known, defaults={"columns": said, "by": by})
    audit.record(
        "columns_mapped",
        by=by,
        subject=snapshot,
        organization=snapshot.coverage,
        kind=snapshot.kind,
        columns=words,
        supplier=snapshot.supplier,
    )


def heading_sets(snapshot):
    """{fingerprint: headings} of the sheets that were asked about or read."""
    sets = {}
    for sheet in snapshot.layout.get("asks", []):
        sets.setdefault(sheet["fingerprint"], set()).update(entry["heading"] for entry in sheet["headings"])
    for sheet in snapshot.layout.get("sheets", []):
        sets.setdefault(sheet["fingerprint"], set()).update([*sheet["columns"].values(), *sheet["unknown"], *sheet["said"]])
    return sets


def read_anew(*, snapshot):
    """The snapshot as it was received, without what an earlier reading staged; nothing of it was live."""
    snapshot.staged_rows.all().delete()
    snapshot.issues.all().delete()
    snapshot.state, snapshot.layout, snapshot.message, snapshot.staged_at = State.RECEIVED, {}, "", None
    snapshot.rows = snapshot.new = snapshot.changed = snapshot.unchanged = snapshot.conflicts = snapshot.refused_rows = 0
    snapshot.vanished = snapshot.warnings = 0
    snapshot.save()
    return snapshot
