"""Two records side by side, and what an event moved, in words."""

from core import crypto
from students.actions import telling_apart
from students.actions.following import FOLLOWS
from students.models import Child, ChildNumber, Match, MergeEvent
from students.reports import children as listing
from students.reports.matches import KIND_LABELS, characters
from students.rules import codes
from students.rules.standings import STANDINGS

ACTS = {"merge": "合并", "number": "号码改归", "split": "拆分"}


def comparison(one, other, on):
    """[{label, one, other, differs}] of two children, and their numbers as characters of which the differing ones are shown."""
    children = {child.pk: child for child in listing.with_present_facts(Child.objects.filter(pk__in=[one.pk, other.pk]), on)}
    left, right = (_facts(children[child.pk], on) for child in (one, other))
    lines = [
        {"label": label, "one": left[label] or "—", "other": right[label] or "—", "differs": left[label] != right[label]} for label in left
    ]
    numbers = [characters(one.number, other.number), characters(other.number, one.number)]
    return {"lines": lines, "numbers": numbers, "number_differs": one.number != other.number}


def _facts(child, on):
    registrations = [
        f"{entry.household.head_name}户（{entry.household.village.name}）" for entry in child.present_registrations if entry.counts
    ]
    enrolments = {
        kind: sorted({fact.school.name for fact in child.present_enrolments if fact.kind == kind and fact.counts})
        for kind in ("roll", "attending")
    }
    standings = [STANDINGS[row.code].label for row in child.standings.in_force(on)]
    lists = sorted({KIND_LABELS.get(kind, kind) for kind in child.list_rows.filter(until=None).values_list("kind", flat=True)})
    return {
        "姓名": child.name, "性别": child.get_sex_display() if child.sex else "", "出生日期": str(child.birth_on or ""),
        "民族": codes.ETHNIC_GROUPS.get(child.ethnic, ""), "证件号状态": child.get_number_state_display(), "户籍": "、".join(registrations),
        "学籍": "、".join(enrolments["roll"]), "在校": "、".join(enrolments["attending"]), "年级": listing.grade_of(child),
        "特殊群体": listing.groups_of(child), "去向": "、".join(standings), "监护人": child.guardian_name,
        "联系电话": crypto.mask_phone(child.phone) if child.phone else "", "住址": crypto.mask_address(child.address),
        "所在名单": "、".join(lists),
    }  # fmt: skip


def events_of(child):
    """The events that made the record what it is, newest first."""
    return MergeEvent.objects.about([child.pk]).select_related("source", "target", "by", "undone_by")


def counts_of(event):
    """[{label, text}]: how many rows of each kind went along."""
    sums = {}
    for key, count in event.counts.items():
        words = FOLLOWS[key].words if key in FOLLOWS else "其他记录"
        sums[words] = sums.get(words, 0) + count
    return [{"label": words, "text": count} for words, count in sums.items()]


def numbers_of(child):
    """The record's numbers, each with the rows that carry it, for a person who parts them."""
    rows = list(child.list_rows.filter(until=None).select_related("snapshot", "node"))
    return [
        {
            "number": number, "text": crypto.mask(number.number) if number.number else "无号",
            "rows": [
                {"row": row, "kind": KIND_LABELS.get(row.kind, row.kind)} for row in rows
                if bytes(row.identity or b"") == bytes(number.identity)
            ],
        }
        for number in child.numbers.order_by("-valid", "pk")
    ]  # fmt: skip


def claims(child):
    """The record's numbers under which lists state more than one name or birth date, each with these claims and their rows."""
    lines = []
    for number in child.numbers.exclude(source=ChildNumber.Source.NONE).order_by("-valid", "pk"):
        found = telling_apart.claims_of(number)
        if len(found) > 1:
            shown = [_claim(number, claim, rows) for claim, rows in found.items()]
            lines.append({"number": number, "text": crypto.mask(number.number), "claims": shown})
    return lines


def _claim(number, claim, rows):
    sexes = "、".join(sorted({Child.Sex(row.facts["sex"]).label for row in rows if row.facts.get("sex")}))
    lists = "、".join(sorted({KIND_LABELS.get(row.kind, row.kind) for row in rows}))
    names = "、".join(sorted({row.name for row in rows}))
    return {
        "claim": claim, "rows": [{"row": row, "kind": KIND_LABELS.get(row.kind, row.kind)} for row in rows], "names": names, "sexes": sexes,
        "value": f"{number.pk}:{claim.name_key}:{claim.birth_on or ''}",
        "label": f"{names} {claim.birth_on or '出生日期不详'} {sexes}（{lists}）",
    }  # fmt: skip


def proposed(child):
    """Records that the lists propose as the same child, with the match."""
    found = Match.objects.filter(state=Match.State.CANDIDATE, odd__child=child) | Match.objects.filter(
        state=Match.State.CANDIDATE, meant__child=child
    )
    return [
        {"match": match, "child": match.meant.child if match.odd.child_id == child.pk else match.odd.child}
        for match in found.select_related("odd__child", "meant__child")
    ]
