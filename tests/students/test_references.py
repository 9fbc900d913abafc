"""References without a foreign key: what they point to cannot go, and nothing that is not there can be written."""

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from core import files
from core.models import Organization
from students.models import Child, ChildPlace, Enrolment, Household, ListRow, SourceSnapshot, StagedRow
from students.models.references import TARGETS
from tests import make
from tests.students.lists import MARCH

NOBODY = 999_999_999
SOFT = [
    field
    for model in (Child, ChildPlace, Enrolment, Household, ListRow, StagedRow)
    for field in model._meta.get_fields()
    if field.concrete and field.many_to_one and not field.db_constraint
]


@pytest.fixture
def rows(officer):
    """A row of each table that has such a reference."""
    county = make.county()
    school = make.node("school", "一小", county)
    paper = files.store(b"list", "a.csv", "text/csv", officer)
    snapshot = SourceSnapshot.objects.create(
        kind="roll", coverage=county, as_of=MARCH, sha256="0" * 64, file=paper, received_by=officer
    )
    make.enrolment(make.child("王一", (school, "on_roll"), first_snapshot=snapshot), school)
    make.household(school)
    plain = {"row_number": 1, "person_key": b"1", "content_hash": b"1", "snapshot": snapshot}
    ListRow.objects.create(**plain, kind="roll", since=MARCH, seen_as_of=MARCH, until=MARCH)  # closed, so that it may name who closed it
    StagedRow.objects.create(**plain)


def test_every_soft_reference_of_the_app_is_watched():
    models = [model for model in apps.get_app_config("students").get_models() if "Event" not in model.__name__]
    found = {f for model in models for f in model._meta.get_fields() if f.concrete and f.many_to_one and not f.db_constraint}
    assert found == set(SOFT)
    for field in SOFT:
        watching = [trigger for trigger in field.model._meta.triggers if trigger.name.startswith("references_on_")]
        target = field.related_model._meta.db_table
        assert {trigger.operation for trigger in watching} == {pgtrigger.Insert, pgtrigger.Update}
        assert all(f"{field.column} is not null" in trigger.func and f"from {target} o" in trigger.func for trigger in watching)
        assert TARGETS[target] in [trigger.name for trigger in field.related_model._meta.triggers]


@pytest.mark.django_db
@pytest.mark.parametrize("field", SOFT, ids=str)
def test_what_is_not_there_cannot_be_written(rows, field):
    table = field.model._meta.db_table
    columns = ", ".join(f'"{c.column}"' for c in field.model._meta.concrete_fields if not getattr(c, "generated", False))
    changed = columns.replace(f'"{field.column}"', str(NOBODY))
    anew = f"""create temporary table kept as table {table}; delete from {table};
               insert into {table} ({columns}) select {changed} from kept"""
    for statement in (f"update {table} set {field.column} = {NOBODY}", anew):
        with pytest.raises(IntegrityError, match="a row refers to nothing"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("target", [Organization, SourceSnapshot])
def test_what_is_pointed_to_cannot_go(rows, target):
    table = target._meta.db_table
    with pytest.raises(DatabaseError, match="pgtrigger: Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"delete from {table}")


@pytest.mark.django_db
@pytest.mark.parametrize("target", [Organization, SourceSnapshot])
def test_without_its_guard_it_could(rows, target):
    """The negative control: what refuses is the trigger that the references rely on."""
    with pgtrigger.ignore(f"{target._meta.label}:{TARGETS[target._meta.db_table]}"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"delete from {target._meta.db_table} where id = (select max(id) from {target._meta.db_table})")
        assert cursor.rowcount == 1
        transaction.set_rollback(True)
