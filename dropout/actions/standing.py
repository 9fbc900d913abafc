"""What a case says of where its child is: written to the child's standings with every step of the case, and ended by the next."""

from datetime import timedelta

from dropout.codes import OF_DROPOUT, CaseState, Placement
from students.actions import standings
from students.rules import ages
from students.rules.standings import standing_of_reason

SOURCE = "case"
OF_PLACEMENT = {
    Placement.HOME_TEACHING: ("home_teaching", "12"), Placement.UNDECIDED: ("home_teaching", "12"),
    Placement.SPECIAL_SCHOOL: ("special_school", ""), Placement.ELSEWHERE: ("elsewhere", "02"), Placement.VOCATIONAL: ("elsewhere", "19"),
}  # fmt: skip
OF_CLOSE_CODE = {
    "graduated": ("graduated", "09"), "home_teaching": ("home_teaching", "12"), "death": ("removed", "05"), "moved": ("removed", "06"),
    "transferred": ("elsewhere", "02"),
}  # fmt: skip


def meaning(case):
    """(standing code, reason) of a case as it is: a case always says something of its child."""
    if case.state == CaseState.REMOVED:
        removal = case.removals.filter(decision="approved").first()
        return standing_of_reason(removal.reason, removal.sub_reason)
    if case.state in OF_DROPOUT or case.removal_from in OF_DROPOUT:
        return "dropout", ""
    if case.state in (CaseState.SUSPECTED, CaseState.REMOVAL_PROPOSED):
        return "suspected", ""
    return OF_CLOSE_CODE.get(case.close_code) or OF_PLACEMENT.get(case.placement, ("returned", ""))


def last_day(case, code, on):
    """Last day on which the standing holds by itself: the re-check day of a removal, the school year of a return; None is open."""
    if case.state == CaseState.REMOVED:
        return case.removal_expires_on
    return ages.school_year_bounds(ages.school_year(on))[1] if code == "returned" and case.state == CaseState.CLOSED else None


def place_of(case, code):
    """Where the child learns now, as the newest return or placement names it."""
    if code in ("suspected", "dropout", "removed"):
        return ""
    record = case.placements.first() or case.returns.first()
    return record.school_name if record else ""


def follow(case, *, on, by):
    """After a step of `case` on the day `on`: its former standing ends unless it goes on, the present one is recorded. The case's own
    audit row tells of it."""
    code, reason = meaning(case)
    began = dict(case.child.standings.open().filter(source=SOURCE, reference=str(case.public_id)).values_list("code", "since"))
    standings.end(source=SOURCE, references=[case.public_id], on=on, by=by, codes=set(began) - {code}, audited=False)
    until = last_day(case, code, on)
    row = {"child": case.child_id, "code": code, "reason": reason, "since": began.get(code, on), "place": place_of(case, code)}
    row |= {"until": until and until + timedelta(days=1), "source": SOURCE, "reference": case.public_id}
    standings.record(rows=[row], by=by, audited=False)


def begin(cases, *, on, by):
    """New cases: their children are suspected from the day `on`."""
    rows = [{"child": case.child_id, "code": "suspected", "since": on, "source": SOURCE, "reference": case.public_id} for case in cases]
    standings.record(rows=rows, by=by, audited=False)
