"""What a correct system finds: counted from the fields the anomalies left on each child, with its own arithmetic of ages.

Nothing here may call the product's comparison, matching or students.rules.ages: truth has to be an independent witness.
"""

from collections import Counter
from datetime import date

from students.county import anomalies

LOW, HIGH = 6, 15


def tell(plan, schools, children, groups, lists) -> dict:
    """truth.json with the keys of the samples, and the further ones of this generator at its end."""
    point = account([child for child in children if years(child.birth, plan.as_of) in range(LOW, HIGH + 1)])
    first, last = date(plan.start_year - HIGH - 1, 9, 1), date(plan.start_year - LOW, 8, 31)
    year = account([child for child in children if first <= child.birth <= last])
    mistyped = [child for child in groups[anomalies.TYPO] if years(child.birth, plan.as_of) in range(LOW, HIGH + 1)]
    missing = point["attending_not_on_roll"] + point["neither"]
    return {
        "profile": f"made-{plan.pupils}", "seed": plan.seed, "variant": plan.variant, "as_of": plan.as_of.isoformat(),
        "schools": len(schools),
        "nine_year_schools": sum(school.kind == "nine_year" for school in schools),
        "hukou_not_on_roll_by_exact_id": missing + len(mistyped),
        "hukou_not_on_roll": missing, "balance_6_15_point": point, "balance_6_15_school_year": year, "whole_lists": whole_lists(children),
        "groups": {kind: sorted(child.number for child in members) for kind, members in groups.items()},
        "typos": {how: sorted(child.number for child in groups[anomalies.TYPO][index::3]) for index, how in enumerate(anomalies.TYPOS)},
    } | totals(children, lists)  # fmt: skip


def years(birth: date, on: date) -> int:
    """Birthdays had by that day; the 29th of February is had on 1 March."""
    had = (on.month, on.day) >= (birth.month, birth.day)
    return on.year - birth.year - (0 if had else 1)


def account(children) -> dict:
    """The balanced account of some children: its parts add up to ``registered``."""
    registered = [child for child in children if child.registered]
    both = Counter((child.on_roll, child.attending) for child in registered)
    neither = [child for child in registered if not child.on_roll and not child.attending]
    return {
        "registered": len(registered), "on_roll_and_attending": both[True, True], "attending_not_on_roll": both[False, True],
        "on_roll_not_attending": both[True, False], "neither": both[False, False],
        "neither_by_reason": dict(Counter(child.kind for child in neither)),
        "registered_elsewhere": sum(not child.registered and (child.on_roll or child.attending) for child in children),
    }  # fmt: skip


def whole_lists(children) -> dict:
    return {
        "on_roll_not_attending": sum(child.on_roll and not child.attending for child in children),
        "attending_not_on_roll": sum(child.attending and not child.on_roll for child in children),
        "double_roll": sum(child.second_school is not None for child in children),
        "bad_id_on_roll": sum(bool(child.typed_number) for child in children),
        "double_hukou": sum(child.kind == anomalies.TWICE for child in children),
    }


def totals(children, lists) -> dict:
    """Sizes of the lists as they were written."""
    return {
        "roll_rows": len(lists.roll), "roll_broken_rows": list(lists.broken), "roll_students": sum(child.on_roll for child in children),
        "hukou_rows": len(lists.hukou), "hukou_persons": sum(child.kind != anomalies.FOREIGN for child in children),
        "attending": sum(child.attending for child in children), "poor_students": len(lists.poverty),
        "civil_affairs": dict(Counter(row["category"] for row in lists.civil_affairs)), "disabled": len(lists.disabled),
        "roll_left_rows": lists.left_rows, "attending_rows": len(lists.attending),
        "hukou_cancelled": sum(child.kind == anomalies.CANCELLED for child in children),
    }  # fmt: skip
