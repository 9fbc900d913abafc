"""The platform's list sent down, answered row by row under the platform's own serial: what became of each number (domain.md §3.3)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from core import crypto
from core.scope import granted_nodes
from core.spreadsheets import Column, SheetOut
from dropout.codes import LEDGER, CaseState, CloseCode, reason_label
from dropout.models import Case
from students import statuses
from students.models import Child, Enrolment, ListRow, SourceSnapshot
from students.rules.standings import full_label
from students.rules.statuses import STATUSES

KIND = "platform"
BECAME = {  # what became of a number: word, tone
    "unmatched": ("没有对上", "amber"), "open": ("未说明", "suspected"), "suspected": ("疑似个案", "suspected"), "dropout": ("确认辍学，劝返中", "confirmed"),
    "returned": ("已返校", "good"), "removed": ("已核减", "removed"), "in_school": ("在校", "in_school"), "explained": ("去向有依据", "in_school"),
}  # fmt: skip
LIGHT = ("kind", "name", "facts", "child__public_id", "child__name")  # of tens of thousands of rows; a number costs an unsealing
CHUNK = 2000
WIDEST = (0, 30)  # ages: the list may hold anybody
IN_SCHOOL = ("in_school", "in_school_unrolled", "special_school", "returned")
COLUMNS = (
    ("平台序号", 16), ("下发批次", 14), ("姓名", 12), ("证件号", 22), ("疑似类型", 16), ("核查结论", 16), ("说明", 36), ("结论日期", 12), ("个案号", 18), ("学校", 22),
)  # fmt: skip


@dataclass
class Answer:
    """One row of the list and what became of it; `day` from when it holds."""

    row: ListRow
    child: Child | None
    became: str
    text: str
    day: date | None = None
    case: Case | None = None
    school: str = ""

    @property
    def serial(self):
        return self.row.facts.get("serial", "")

    @property
    def word(self):
        return BECAME[self.became][0]

    @property
    def tone(self):
        return BECAME[self.became][1]


def lists(user):
    """The days of the lists sent down that the person may see something of, newest first."""
    applied = SourceSnapshot.objects.filter(kind=KIND, state="applied").order_by("-as_of")
    return list(dict.fromkeys(applied.values_list("as_of", flat=True)))


def answers(user, permission, as_of, on):
    """An Answer for each row of the list of that day, in the order of its serials. Rows nobody is tied to are the bureau's to answer."""
    rows = ListRow.objects.filter(kind=KIND, since__lte=as_of).exclude(until__lte=as_of).select_related("child").only(*LIGHT)
    nodes = granted_nodes(user, permission)
    mine = rows.filter(child__in=Child.objects.visible_to(user, permission).values("pk"))
    found = [*mine.iterator(CHUNK), *rows.filter(child=None, snapshot__coverage__path__overlap=nodes)]
    ids = {row.child_id for row in found if row.child_id}
    cases = {case.child_id: case for case in Case.objects.filter(child__in=ids).select_related("school").order_by("episode", "pk")}
    told = statuses.facts_of(ids, statuses.Ask(on, *WIDEST)) if ids else {}
    seats = Enrolment.objects.in_force(on).filter(child__in=ids, kind="attending", counts=True).select_related("school").order_by("pk")
    seated = {seat.child_id: seat for seat in seats}
    answered = [_answer(row, cases.get(row.child_id), told.get(row.child_id), seated.get(row.child_id)) for row in found]
    return sorted(answered, key=lambda answer: (_order(answer.serial), answer.row.pk))


def _order(serial):
    return (0, int(serial), "") if serial.isdecimal() else (1, len(serial), serial)


def _answer(row, case, told, seat):
    """A case that is open or ended speaks first, then where the account has the child."""
    if row.child is None:
        return Answer(row, None, "unmatched", "系统里没有这个人；可能不是本县的，或证件号不对，请在“对不上的记录”里判断")
    school = seat.school.name if seat else ""
    by_case = _by_case(case)
    if by_case:
        became, text, day = by_case
        return Answer(row, row.child, became, text, day, case, school or (case.school.name if case.school else ""))
    if seat:
        return Answer(row, row.child, "in_school", f"在{school}就读", seat.since, None, school)
    if told and told["status"] in STATUSES and STATUSES[told["status"]].explained:
        text = STATUSES[told["status"]].label if not told["source"] else full_label(told["status"], told["reason"])
        more = "，".join(part for part in (told["place"], told["document"]) if part)
        became = "in_school" if told["status"] in IN_SCHOOL else "removed" if told["status"] == "removed" else "explained"
        return Answer(row, row.child, became, f"{text}{f'：{more}' if more else ''}", told["since"] or told["listed_since"], None, school)
    return Answer(row, row.child, "open", "既没有在校，也没有登记去向，请核实后登记去向或列为疑似", None, None, school)


def _by_case(case):
    if case is None:
        return None
    if case.state == CaseState.REMOVED:
        return "removed", f"核减：{reason_label(case.removal_reason)}", None
    if case.state in LEDGER["suspected"]:
        return "suspected", f"{case.get_state_display()}，{case.opened_on} 列入", case.opened_on
    if case.state in LEDGER["dropout"]:
        return "dropout", f"{case.get_state_display()}：{case.get_cause_display()}", case.confirmed_on
    if case.state in LEDGER["back"] or case.close_code == CloseCode.CONSOLIDATED:
        return "returned", f"{case.get_state_display()}{f'，{case.get_placement_display()}' if case.placement else ''}", case.returned_on
    return ("explained", f"已销号：{case.get_close_code_display()}", case.closed_on) if case.close_code != "other" else None


def counts(answered):
    """[(what became, word, how many)], and they add up to the rows of the list."""
    told = Counter(answer.became for answer in answered)
    return [(became, word, told[became]) for became, (word, _) in BECAME.items()]


def numbers_of(answered):
    """{row id: masked number} of these answers; one query."""
    held = ListRow.objects.filter(pk__in=[answer.row.pk for answer in answered]).only("number")
    return {row.pk: crypto.mask(row.number or "") for row in held}


def lines(answered):
    """The cells of the sheet, a piece of the list at a time."""
    for start in range(0, len(answered), CHUNK):
        piece = answered[start : start + CHUNK]
        numbers = numbers_of(piece)
        yield from (cells(answer, numbers.get(answer.row.pk, "")) for answer in piece)


def cells(answer, number):
    facts = answer.row.facts
    return [
        answer.serial, facts.get("batch", ""), answer.row.name, number, facts.get("suspicion", ""),
        answer.word,
        answer.text, str(answer.day or ""), answer.case.number if answer.case else "", answer.school or facts.get("last_school", ""),
    ]  # fmt: skip


def sheet(answered, as_of):
    return SheetOut(
        f"平台下发核查结果_{as_of}", [Column(label, width) for label, width in COLUMNS], lines(answered),
        titles=("平台下发疑似辍学名单核查结果",), unit_line=f"下发名单截至 {as_of}　序号为平台序号", frozen_columns=1,
    )  # fmt: skip
