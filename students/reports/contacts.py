"""Entered contacts and those of the lists in one ordered view: what holds before what held, entered before listed, newest first."""

from dataclasses import dataclass
from datetime import date

from core import crypto
from students.models import Child, Contact

LISTED = "名单"
ORDER = {kind: number for number, kind in enumerate(Contact.Kind.values)}


@dataclass(frozen=True)
class Line:
    """One way to reach the family, already masked where the reader may not see it whole."""

    label: str
    name: str
    relation: str
    phone: str
    address: str
    since: date
    until: date | None
    source: str
    note: str = ""
    contact: Contact | None = None


def of_child(child, on, *, whole):
    """Lines of the child: `whole` says whether telephones and addresses are shown in full."""
    entered = [_entered(row, whole) for row in Contact.objects.of_child(child).select_related("by", "household")]
    return _ordered(entered, on) + _listed(child, whole)


def of_household(household, on, *, whole):
    return _ordered([_entered(row, whole) for row in household.contacts.select_related("by", "child")], on)


def _ordered(lines, on):
    def place(line):
        holds = line.until is None or line.until > on
        return (not holds, ORDER[line.contact.kind] if holds else 0, -line.since.toordinal(), -line.contact.pk)

    return sorted(lines, key=place)


def _entered(row, whole):
    source = f"{row.by.name} {row.recorded_at:%Y-%m-%d} 登记" + ("（全户）" if row.household_id else "")
    return Line(
        row.get_kind_display(), row.name, row.relation, *_shown(row.phone, row.address, whole), row.since, row.until, source, row.note, row
    )  # fmt: skip


def _shown(phone, address, whole):
    return (phone or "", address or "") if whole else (crypto.mask_phone(phone) if phone else "", crypto.mask_address(address))


def _listed(child, whole):
    """What the lists say, each person or address once, by the newest row that says it."""
    lines, seen = [], set()
    for row in child.listed_contacts:
        guardian, phone, address = row.facts.get("guardian", ""), row.phone, row.address
        said = (guardian, phone, address)
        if any(said) and said not in seen:
            seen.add(said)
            source = f"{LISTED}：{row.get_kind_display()} {row.seen_as_of:%Y-%m-%d}"
            relation = row.facts.get("guardian_relation", "")
            lines.append(Line("名单上的监护人" if guardian else "名单上的联系方式", guardian, relation, *_shown(phone, address, whole),
                              row.since, row.until, source))  # fmt: skip
    return lines


def may_see_whole(user, child):
    """Those who call and visit see the number whole; everybody else a masked one."""
    verbs = ("record_contact", "record_visit", "reveal_numbers")
    return any(Child.objects.visible_to(user, verb).filter(pk=child.pk).exists() for verb in verbs)
