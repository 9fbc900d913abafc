"""Where lists contradict who boards: the child, what counts, which list says otherwise."""

from django.db.models import Q

from core.spreadsheets import Column, SheetOut
from students.actions import boarding
from students.models import KINDS, Boarding, Child, Enrolment
from students.rules.grades import Grade, grade_label

LABELS = dict(KINDS)
WORDS = {True: "住校", False: "走读"}
COLUMNS = (("姓名", 12), ("学校", 24), ("年级、班", 16), ("现在按", 10), ("依据", 24), ("另一份名单", 10), ("名单", 26), ("位置", 20))


def words(said):
    """学籍库 2020-03-01 写走读; "" where nothing contradicts."""
    return f"{_list_of(said)}写{WORDS[said.boards]}" if said else ""


def _list_of(said):
    row = said.fact.row
    return f"{LABELS[row.kind]} {row.seen_as_of}" if row else f"{LABELS[said.kind]}（按办理）"


def of_child(child, on):
    """Whether the child boards on the day, since when and by whose word, with the earlier spans; None where nothing ever said so."""
    spans = list(Boarding.objects.filter(child=child).select_related("school", "recorded_by", "row__snapshot").order_by("-since", "-pk"))
    told = boarding.by_lists([child.pk], on)[child.pk]
    if not spans and not told:
        return None
    now = bool(boarding.boards([child.pk], on))
    said = boarding.conflicts([child.pk], on).get(child.pk)
    lists = [f"{_list_of(one)}写{WORDS[one.boards]}" for one in told if one.fact not in spans]
    return {"now": WORDS[now], "boards": now, "spans": [_span(span) for span in spans], "lists": lists, "conflict": words(said)}


def _span(span):
    by = f"{span.recorded_by.name}登记" if span.recorded_by else f"{LABELS[span.row.kind]} {span.row.snapshot.as_of}"
    return {"school": span.school.name, "since": span.since, "until": span.until, "none": span.until == span.since, "by": by}


def contradicted(user, permission, on):
    """[{child, school, place, now, why, said}] of the children in scope, in the order of schools."""
    told = Enrolment.objects.in_force(on).filter(counts=True)
    yes, listed = told.filter(boarding=True).values("child"), Boarding.objects.filter(row__isnull=False, until=None).values("child")
    both = told.filter(Q(child__in=yes) | Q(child__in=listed), boarding=False).values("child")
    possible = both.union(Boarding.objects.filter(row=None).values("child"))
    ids = list(Child.objects.visible_to(user, permission).filter(pk__in=possible).values_list("pk", flat=True))
    said = boarding.conflicts(ids, on)
    children = Child.objects.in_bulk(said)
    boards, hand = boarding.boards(list(said), on), boarding.by_hand(list(said))
    seats = {}
    for entry in Enrolment.objects.in_force(on).filter(child__in=said, counts=True).select_related("school").order_by("-kind", "pk"):
        seats[entry.child_id] = entry
    lines = [_line(children[pk], seats.get(pk), pk in boards, hand[pk], one) for pk, one in said.items()]
    return sorted(lines, key=lambda line: (line["school"], line["place"], line["child"].pinyin, line["child"].pk))


def _line(child, seat, now, hand, said):
    by = f"{hand[-1].recorded_by.name} {hand[-1].until or hand[-1].since} 登记" if hand else "更新的名单"
    return {
        "child": child, "school": seat.school.name if seat else "", "place": _class_of(seat),
        "now": WORDS[now], "why": by, "said": said, "other": WORDS[said.boards], "list": _list_of(said), "row": said.fact.row,
    }  # fmt: skip


def _class_of(seat):
    grade = grade_label(Grade(seat.stage, seat.grade)) if seat and seat.grade else ""
    return f"{grade}{seat.class_name}" if seat else ""


def sheet(lines):
    rows = (
        [line["child"].name, line["school"], line["place"], line["now"], line["why"], line["other"], line["list"],
         f"{line['row'].sheet} 第 {line['row'].row_number} 行" if line["row"] else ""]
        for line in lines
    )  # fmt: skip
    return SheetOut("住校核对", [Column(label, width) for label, width in COLUMNS], rows, titles=("住校登记与名单不一致",))
