"""铁脚板: children found at the door whom no list knows (domain.md §3.3). They join a list's child later (matching)."""

from datetime import date

from django.db import transaction
from django.db.models import F

from core import audit, crypto, scope
from core.models import NumberSeries
from core.workflow import Refused
from students.models import Child, ChildNumber, ChildPlace, FoundChild
from students.rules import ages, identity, names

PERMISSION = "report_found"
NUMBER = "person.id_number"
PLACES = (ChildPlace.Why.REPORTED, ChildPlace.Why.RESIDENCE)


@transaction.atomic
def record_found_children(*, rows, by):
    """Children of {name, sex, birth_on or age, village, guardian, phone, whereabouts, found_on, number}. With a valid number that a list
    already knows the existing child is taken, and gets the place as well. Refused with the sentence; one audit row a batch."""
    wanted = [_checked(row, by) for row in rows]
    known = {
        bytes(index): child
        for index, child in ChildNumber.objects.filter(identity__in=[row["index"] for row in wanted if row["index"]]).values_list(
            "identity", "child"
        )
    }
    series = next_numbers(wanted[0]["found_on"].year, len(wanted)) if wanted else []
    made = [_record(row, number, known, by) for row, number in zip(wanted, series, strict=True)]
    village = wanted[0]["village"] if wanted else None
    audit.record("children_found", by=by, organization=village, rows=len(made), numbers=[row.number for row in made])
    return made


def _checked(row, by):
    name = names.clean_name(row["name"])
    if not name:
        raise Refused("请填写孩子的姓名。")
    scope.require(by, PERMISSION, row["village"])
    if row["village"].kind not in ("village", "group"):
        raise Refused("要写明孩子住在哪个村（社区）或组。")
    index, text = None, ""
    if row.get("number"):
        number = identity.normalise_number(row["number"])
        if number.form != identity.RESIDENT or number.warnings:
            raise Refused(f"{name}的证件号校验不符，请核对；没有证件号的留空。")
        index, text = crypto.blind_index(number.text, NUMBER), number.text
    birth_on, age_only = row.get("birth_on") or (identity.birth_of(text) if text else None), False
    if birth_on is None:
        if row.get("age") is None:
            raise Refused(f"请填写{name}的出生日期，不知道的填年龄。")
        birth_on, age_only = middle_of_age(row["age"], row["found_on"]), True
    if birth_on > row["found_on"]:
        raise Refused(f"{name}的出生日期 {birth_on} 在发现日期 {row['found_on']} 之后，请核对。")
    return row | {"name": name, "index": index, "text": text, "birth_on": birth_on, "age_only": age_only}


def middle_of_age(age, on):
    """A birth date for an age that was told: half a year before the last possible one, so that it is wrong by half a year at most."""
    last = ages.years_before(on, age)
    year, month = (last.year, last.month - 6) if last.month > 6 else (last.year - 1, last.month + 6)
    return date(year, month, min(last.day, 28))


def next_numbers(year, count):
    """That many provisional numbers of the year, in order."""
    series = f"found_child_{year}"
    first = NumberSeries.objects.next_of(series)
    NumberSeries.objects.filter(series=series).update(last=F("last") + count - 1)
    return [f"摸〔{year}〕{number:04d}" for number in range(first, first + count)]


def _record(row, number, known, by):
    child = Child.objects.get(pk=known[row["index"]]) if row["index"] in known else _made(row, number)
    place(child, row["village"], row["found_on"])
    return FoundChild.objects.create(
        child=child, number=number, village=row["village"], age_only=row["age_only"], guardian=(row.get("guardian") or "")[:60],
        phone=row.get("phone") or None, whereabouts=row["whereabouts"][:200], found_on=row["found_on"], by=by,
    )  # fmt: skip


def _made(row, number):
    """A new child. Without a number of its own the provisional one stands for it, so that matching finds it by name and birth date."""
    last_four = crypto.last_four_index(row["text"]) if row["text"] else None
    child = Child.objects.create(
        name=row["name"][:60], name_key=names.name_key(row["name"])[:60], pinyin=names.pinyin_initials(row["name"])[:20], sex=row["sex"],
        birth_on=row["birth_on"], number=row["text"] or None, number_index=row["index"], last_four_index=last_four,
        number_state="valid" if row["text"] else "none", scope_nodes=sorted(row["village"].path),
    )  # fmt: skip
    ChildNumber.objects.create(
        child=child, identity=row["index"] or crypto.blind_index(f"found:{number}", NUMBER), number=row["text"] or None,
        last_four_index=last_four, source="resident" if row["text"] else "none", valid=bool(row["text"]), name_key=child.name_key,
        birth_on=row["birth_on"], birth_stated=not row["age_only"],
    )  # fmt: skip
    return child


def place(child, village, on):
    for why in PLACES:
        ChildPlace.objects.get_or_create(child=child, node=village, why=why, until=None, defaults={"since": on})
    missing = set(village.path) - set(child.scope_nodes)
    if missing:
        child.scope_nodes = sorted({*child.scope_nodes, *missing})
        child.save(update_fields=["scope_nodes"])
