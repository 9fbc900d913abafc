"""Rows that tell of a child known otherwise: the platform's list, deaths and moves, schooling elsewhere (domain.md §3.3, §3.5)."""

from students.imports.people import person
from students.rules import codes, names
from students.rules.identity import normalise_roll_number

DIED, MOVED_OUT, MOVED_IN = "died", "moved_out", "moved_in"
EVENT_LABELS = {DIED: "死亡", MOVED_OUT: "迁出", MOVED_IN: "迁入"}
EVENT_WORDS = (
    (DIED, ("死亡", "去世", "病故", "亡故", "身亡", "遇难")), (MOVED_IN, ("迁入", "转入", "落户", "出生")), (MOVED_OUT, ("迁出", "迁往", "转出", "注销", "出国", "定居")),
)  # fmt: skip


def platform(cells, context):
    """A child whom the ministry's platform holds for out of school; its serial number stays, answers go back under it."""
    draft = person(cells)
    roll_number, warnings = normalise_roll_number(cells.exact("roll_number", "学籍号"))
    for warning in warnings:
        cells.note("roll_number", warning)
    school = context.school(cells.text("school_code"), cells.text("school"))
    village = context.village(cells.text("village_code"), cells.text("village"), cells.text("township"))
    draft.roll_number, draft.phone, draft.address = roll_number, cells.text("phone"), cells.text("address")
    draft.facts |= {
        "serial": cells.text("serial")[:40], "suspicion": cells.text("suspicion")[:40], "batch": cells.text("batch")[:40],
        "verified": cells.text("verified")[:40], "last_school": cells.text("school")[:80], "school_code": school, "village": village,
        "township_name": cells.text("township")[:40], "village_name": cells.text("village")[:40], "grade_text": cells.text("grade")[:20],
        "guardian": names.clean_name(cells.text("guardian"))[:60],
    }  # fmt: skip
    return draft


def movements(cells, context):
    """A death or a change of residence, with its day."""
    draft = person(cells)
    event, happened = _event(cells), None
    for field, said in (("died_on", DIED), ("moved_out_on", MOVED_OUT), ("moved_in_on", MOVED_IN), ("happened", None)):
        day = cells.date(field, "日期") if field in cells.columns else None
        if day and (event is None or said in (event, None)):
            event, happened = event or said, happened or day
    event = event or next((code for code, words in EVENT_WORDS if any(word in cells.sheet for word in words)), None)
    if event is None:
        cells.refuse("event" if "event" in cells.columns else "name", "看不出是死亡、迁出还是迁入。请在“变动类型”一列写明。")
    if happened and happened > context.as_of:
        cells.refuse("happened" if "happened" in cells.columns else "name", f"日期 {happened} 在名单截至日 {context.as_of} 之后。请核对。")
    draft.facts |= {
        "event": event, "label": EVENT_LABELS[event], "happened": happened.isoformat() if happened else None,
        "to": cells.text("place")[:120],
        "reason": cells.text("reason")[:80], "household": cells.text("household")[:40],
        "village": context.village(cells.text("village_code"), cells.text("village"), cells.text("township")),
    }  # fmt: skip
    draft.place = event
    return draft


def _event(cells):
    """The event in words; None where the list has no such column or leaves it empty."""
    text = cells.text("event")
    found = next((code for code, words in EVENT_WORDS if any(word in text for word in words)), None)
    if text and found is None:
        cells.refuse("event", f"“{text}”看不出是死亡、迁出还是迁入。请写其中一种。")
    return found


def elsewhere(cells, context):
    """A child at a school outside the county, with the paper that proves it and how long it holds."""
    draft = person(cells)
    roll_number, warnings = normalise_roll_number(cells.exact("roll_number", "学籍号"))
    for warning in warnings:
        cells.note("roll_number", warning)
    since, until = cells.date("since", "就读日期"), cells.date("until", "证明有效期")
    if since and until and until < since:
        cells.refuse("until", f"证明有效期 {until} 早于就读日期 {since}。请核对。")
    if not cells.text("document"):
        cells.note("document" if "document" in cells.columns else "name", "没有写证明编号。请收到证明后补填，并上传扫描件。")
    draft.roll_number, draft.phone = roll_number, cells.text("phone") or cells.text("teacher_phone")
    draft.facts |= {
        "at": cells.text("school")[:80], "region": cells.text("region")[:80], "grade_text": cells.text("grade")[:20],
        "document": cells.text("document")[:80], "has_roll": cells.parsed("on_roll", _has_roll),
        "starts": since.isoformat() if since else None, "ends": until.isoformat() if until else None,
    }  # fmt: skip
    return draft


def _has_roll(text):
    state, problem = codes.parse_roll_state(text)
    return (state.counts, "") if state else (None, problem)
