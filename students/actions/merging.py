"""Moves a number, and what hangs on its rows, from one child record to another."""

from django.db import connection

from students.models import Child, ChildNumber, ChildPlace

ROW_FACTS = ("students_registration", "students_enrolment", "students_specialgroup")


def move_number(number, target):
    """The record that stood for `number` alone turns out to be `target`: everything that points at it moves. Returns both ids."""
    old = number.child
    _move_rows(number, target)
    if not ChildNumber.objects.filter(child=old).exists():
        for relation in Child._meta.related_objects:
            if relation.related_model not in (ChildPlace, Child) and not relation.related_model.__name__.endswith("Event"):
                relation.related_model._base_manager.filter(**{relation.field.name: old}).update(**{relation.field.name: target})
        ChildPlace.objects.filter(child=old).delete()
        old.merged_into, old.scope_nodes = target, []
        old.save(update_fields=["merged_into", "scope_nodes"])
    return [old, target]


def split_number(number, own):
    """`number` no longer explains itself by its child: its rows and their facts go to `own`; what people entered stays. Returns both
    ids.
    """
    old = number.child
    _move_rows(number, own)
    return [old, own]


def _move_rows(number, target):
    number.child = target
    number.save(update_fields=["child"])
    with connection.cursor() as cursor:
        cursor.execute("update students_listrow set child_id = %s where identity = %s", [target.pk, bytes(number.identity)])
        for table in ROW_FACTS:
            if table == "students_enrolment":
                cursor.execute(
                    "update students_enrolment e set child_id = %s, accepted = false"
                    " from students_listrow l where l.id = e.row_id and l.identity = %s",
                    [target.pk, bytes(number.identity)],
                )
            else:
                cursor.execute(
                    f"update {table} t set child_id = %s from students_listrow l where l.id = t.row_id and l.identity = %s",
                    [target.pk, bytes(number.identity)],
                )
