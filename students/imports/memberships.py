"""Rows of the further lists of groups: monitored, low income, no-lists, martyrs' children, the state's payroll (domain.md §5.3, §5.4)."""

from students.imports.people import person
from students.rules import codes, names, values


def monitored(cells, context):
    """A member of a watched household; a row whose risk is cleared says the contrary and becomes a denial."""
    draft = _member(cells)
    code = cells.parsed("type", codes.parse_household_type, "P3")
    cleared = cells.parsed("risk_cleared", _cleared, False)
    return _as_group(draft, cells, codes.RISK_CLEARED if cleared else code, cells.text("type"))


def low_income(cells, context):
    """A person of a household with low income, on the edge of the minimum living allowance, or with rigid expenses."""
    return _as_group(_member(cells), cells, cells.parsed("category", codes.parse_civil_affairs, "D6"), cells.text("category"))


def policy_ended(cells, context):
    """A person lifted from poverty whose household no longer enjoys the policies: overrules the list of those who do."""
    if cells.parsed("benefits", values.parse_yes_no, False):
        cells.refuse("benefits", "这一行写的是享受政策，不属于“脱贫不享受政策”名单。请核对后放到脱贫户名单里。")
    return _as_group(_member(cells), cells, codes.POLICY_ENDED, cells.text("type"))


def risk_cleared(cells, context):
    """A person of a once watched household whose risk is gone: overrules the lists that still watch it."""
    if cells.parsed("risk_cleared", _cleared, True) is False:
        cells.refuse("risk_cleared", "这一行写的是风险未消除，不属于“风险已消除”名单。请核对后放到监测对象名单里。")
    return _as_group(_member(cells), cells, codes.RISK_CLEARED, cells.text("type"))


def martyrs(cells, context):
    draft = _as_group(_member(cells), cells, "M1", "烈士子女")
    draft.facts |= {"martyr": names.clean_name(cells.text("martyr"))[:60], "certificate": cells.text("certificate")[:40]}
    return draft


def state_paid(cells, context):
    """Somebody whom the state pays; a child or a member of its household on this list is looked at before hardship is recognised."""
    draft = _as_group(_member(cells), cells, codes.STATE_PAID, cells.text("type"))
    draft.facts |= {"unit": cells.text("unit")[:80], "post": cells.text("post")[:40]}
    return draft


def _member(cells):
    draft = person(cells, birth=False)
    draft.phone, draft.address = cells.text("phone"), cells.text("address")
    return draft


def _as_group(draft, cells, code, label):
    starts = cells.date("starts", "起始日期") if "starts" in cells.columns else None
    ends = cells.date("ends", "终止日期") if "ends" in cells.columns else None
    draft.facts |= {
        "code": code, "label": label or codes.GROUPS[code].label, "household_number": cells.text("household")[:40],
        "head": names.clean_name(cells.text("head"))[:60], "relation": cells.text("relation")[:20], "township": cells.text("township"),
        "village": cells.text("village"), "starts": starts.isoformat() if starts else None, "ends": ends.isoformat() if ends else None,
    }  # fmt: skip
    draft.place = draft.facts["household_number"] or code
    return draft


def _cleared(text):
    """风险是否已消除: 是, 已消除; 未消除, 否."""
    if "未" in text or "没" in text:
        return False, ""
    return (True, "") if "消除" in text else values.parse_yes_no(text)
