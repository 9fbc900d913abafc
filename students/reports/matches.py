"""Two records side by side, for a person to say whether they are one child."""

from core import crypto
from core.spreadsheets import Column, SheetOut
from students.models import KINDS, Child, ListRow, Match

KIND_LABELS = dict(KINDS)


def of_user(user, permission):
    """Matches of the children whom `user` may see."""
    children = Child.objects.visible_to(user, permission).values("pk")
    return Match.objects.filter(odd__child__in=children).select_related("odd__child", "meant__child", "decided_by")


def unresolved(user):
    """T5: children whom the lists name without a valid number and whom no rule ties to anybody; in the order of their names."""
    spoken = Match.objects.exclude(state=Match.State.REJECTED)
    return (
        Child.objects.visible_to(user, "decide_match")
        .filter(number_state__in=(Child.NumberState.INVALID, Child.NumberState.NONE))
        .exclude(pk__in=spoken.values("odd__child"))
        .exclude(pk__in=spoken.values("meant__child"))
        .order_by("pinyin", "pk")
    )


COLUMNS = (
    ("依据", 34), ("姓名（可疑）", 12), ("证件号（可疑）", 22), ("出生日期", 12), ("所在名单", 26), ("姓名（另一条）", 12), ("证件号（另一条）", 22), ("出生日期（另一条）", 12),
    ("结论", 12), ("判断人", 12), ("理由", 30),
)  # fmt: skip


def sheet(matches, title):
    """Matches side by side, numbers masked but for the places that differ."""
    body = (
        [f"{match.tier} {match.get_rule_display()}", *_side(match.odd, match.meant), line["lists"], *_side(match.meant, match.odd),
         match.get_state_display(), match.decided_by.name if match.decided_by else "", match.reason]
        for line in summaries(matches) for match in [line["match"]]
    )  # fmt: skip
    return SheetOut(f"匹配_{title}", [Column(label, width) for label, width in COLUMNS], body, titles=(f"匹配：{title}",))


def _side(number, other):
    text = "".join(one["text"] for one in characters(number.number, other.number))
    return [number.child.name, text, str(number.birth_on or "")]


def characters(number, other):
    """The number as (character, whether it differs): masked but for its ends and the places that differ; masked where none is beside it."""
    number, other = number or "", other or ""
    differs = {place for place in range(len(number)) if other and (place >= len(other) or number[place] != other[place])}
    masked = crypto.mask(number)
    return [{"text": number[place] if place in differs else masked[place], "differs": place in differs} for place in range(len(number))]


def side(number, other):
    """One record: its number, its names and every list row that carries it."""
    rows = list(
        ListRow.objects.filter(identity=bytes(number.identity), until=None)
        .select_related("snapshot", "node__parent")
        .order_by("kind", "pk")
    )
    return {
        "number": number, "characters": characters(number.number, other.number),
        "names": sorted({row.name for row in rows}) or [number.child.name],
        "births": sorted({row.birth_on for row in rows if row.birth_on}) or ([number.birth_on] if number.birth_on else []),
        "sexes": sorted({Child.Sex(row.facts["sex"]).label for row in rows if row.facts.get("sex")}),
        "rows": [{"row": row, "kind": KIND_LABELS.get(row.kind, row.kind)} for row in rows],
    }  # fmt: skip


def sides(match):
    return [side(match.odd, match.meant), side(match.meant, match.odd)]


def summary(match):
    """One line of the list: whose match it is and on which lists the doubtful number stands."""
    rows = getattr(match, "odd_rows", [])
    return {"match": match, "child": match.odd.child, "lists": "、".join(sorted({KIND_LABELS.get(row.kind, row.kind) for row in rows}))}


def summaries(matches):
    """The lines of a page of matches, in two queries."""
    matches = list(matches)
    rows = ListRow.objects.filter(identity__in=[bytes(match.odd.identity) for match in matches], until=None).only("identity", "kind")
    by_identity = {}
    for row in rows:
        by_identity.setdefault(bytes(row.identity), []).append(row)
    for match in matches:
        match.odd_rows = by_identity.get(bytes(match.odd.identity), [])
    return [summary(match) for match in matches]
