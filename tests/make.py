"""Small makers: each makes one thing with as little as a test has to say about it."""

import itertools
from datetime import date

from django.utils import timezone

from core import crypto
from core.actions import accounts, organizations
from core.models import FileRun, Organization, User
from students.models import Child, ChildNumber, ChildPlace, Enrolment, Household, Registration, SourceSnapshot
from students.rules import names
from tests.hostile.papers import pdf

PAPER = pdf()  # a PDF of one empty page
PASSWORD = "一把很长的测试钥匙-8"
LONG_AGO = date(2019, 9, 1)
_count = itertools.count(1)


def county(name="示范县", code="990101000000"):
    return Organization.objects.filter(parent=None).first() or organizations.start_county(code=code, name=name)


def node(kind, name, parent, code=None):
    return organizations.add_node(kind=kind, name=name, parent=parent, code=code or f"N{next(_count):05d}")


def person(username, *grants, name=None, password=PASSWORD, **fields):
    """An account with grants, each (role, node) or (role, node, since, until)."""
    user = User.objects.create_user(username, name or username, password, **fields)
    for role, organization, *dates in grants:
        since, until = dates or (LONG_AGO, None)
        accounts.grant_role(user=user, role=role, organization=organization, since=since, until=until, by=None)
    return user


def child(name, *places, number="", birth_on=date(2010, 3, 1), sex="1", **fields):
    """A child with its places, each (node, why); scope_nodes are those nodes and all above them."""
    if number:
        fields |= {"number": number, "number_index": crypto.blind_index(number, "person.id_number"), "number_state": "valid"}
        fields |= {"last_four_index": crypto.last_four_index(number)}
    scope_nodes = sorted({above for place, _ in places for above in place.path})
    made = Child.objects.create(
        name=name,
        name_key=names.name_key(name),
        pinyin=names.pinyin_initials(name),
        birth_on=birth_on,
        sex=sex,
        scope_nodes=scope_nodes,
        **fields,
    )
    if number:
        ChildNumber.objects.create(
            child=made, identity=made.number_index, number=number, last_four_index=made.last_four_index, source="resident", valid=True,
            name_key=made.name_key, birth_on=birth_on, birth_stated=True,
        )  # fmt: skip
    ChildPlace.objects.bulk_create([ChildPlace(child=made, node=place, why=why, since=LONG_AGO) for place, why in places])
    return made


def enrolment(of, school, kind="roll", **fields):
    wanted = {"stage": "pri", "grade": 3, "since": LONG_AGO, **fields}
    return Enrolment.objects.create(child=of, school=school, kind=kind, **wanted)


def household(village, number=None, head_name="户主甲"):
    return Household.objects.create(number=number or f"H{next(_count):05d}", head_name=head_name, village=village)


def registration(of, where, **fields):
    return Registration.objects.create(child=of, household=where, since=LONG_AGO, **fields)


def applied(snapshot, moment):
    """A received list that went its way: previewed and applied at `moment` by who received it."""
    for state, facts in (("staged", {"staged_at": moment}), ("applied", {"applied_at": moment, "approved_by": snapshot.received_by})):
        SourceSnapshot.objects.filter(pk=snapshot.pk).update(state=state, **facts)
    snapshot.refresh_from_db()
    return snapshot


def failed_run(key, *, trouble="fault", message="程序出错，没有做完。", kind="probe", **fields):
    """Work that came to its end without being done."""
    run = FileRun.objects.create(kind=kind, key=key, **fields)
    FileRun.objects.filter(pk=run.pk).update(state="running", attempts=1)
    FileRun.objects.filter(pk=run.pk).update(state="failed", trouble=trouble, message=message, finished_at=timezone.now())
    run.refresh_from_db()
    return run
