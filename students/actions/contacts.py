"""Contacts as people enter and end them; the one writer of Contact."""

from django.db import transaction
from django.utils import timezone

from core import audit
from core.workflow import NoRight, Refused
from students.models import Child, Contact, Household

NO_RIGHT = NoRight("您的角色不能登记联系方式，请学校、乡镇或村的工作人员办理。")


def may_record(user, owner):
    """Whether `user` may enter contacts of a child, or of a household (through its village or a child there)."""
    if isinstance(owner, Child):
        return Child.objects.visible_to(user, "record_contact").filter(pk=owner.pk).exists()
    return Household.objects.reached_by(user, "record_contact").filter(pk=owner.pk).exists()


@transaction.atomic
def record(*, rows, by):
    """Contacts of a batch: {child or household, kind, since} and name, relation, phone, address, note where there are. The same again
    while it holds is no second one. Returns the new ones."""
    new = []
    for row in rows:
        owner = row.get("child") or row.get("household")
        if not may_record(by, owner):
            raise Refused(NO_RIGHT)
        made = Contact(**{name: value for name, value in row.items() if value}, by=by)
        if made.kind == Contact.Kind.ADDRESS and not made.address or made.kind != Contact.Kind.ADDRESS and not made.name:
            raise Refused("联系人要写姓名，现住址要写地址。")
        if not any(_same(made, held) for held in _standing(made)):
            new.append(made)
    Contact.objects.bulk_create(new)
    for made in new:
        audit.record("contact_recorded", by=by, subject=made.owner, kind=made.kind, contact=str(made.public_id))
    return new


def _standing(made):
    return Contact.objects.filter(child=made.child, household=made.household, kind=made.kind, until=None)


def _same(made, held):
    return all((getattr(made, fact) or "") == (getattr(held, fact) or "") for fact in ("name", "relation", "phone", "address", "note"))


@transaction.atomic
def end(*, contact, on, by):
    """From the day `on` it no longer holds; the row stays as history."""
    contact = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if not may_record(by, contact.owner):
        raise Refused(NO_RIGHT)
    if contact.until:
        raise Refused(f"这一条已于 {contact.until} 结束。")
    contact.until, contact.ended_by, contact.ended_at = max(on, contact.since), by, timezone.now()
    contact.save(update_fields=["until", "ended_by", "ended_at"])
    audit.record("contact_ended", by=by, subject=contact.owner, kind=contact.kind, contact=str(contact.public_id))
    return contact
