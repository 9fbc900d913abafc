"""A question of the ORM that is put into SQL once: for what every page asks, the putting took ten times as long as the answer."""

from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models


def among(field, ids):
    """True of rows whose `field` is one of `ids`, which go in as one array: the SQL is the same however many they are."""
    wanted = models.Value(list(ids), output_field=ArrayField(models.BigIntegerField()))
    return models.Func(
        models.F(field), wanted, arg_joiner=" = any(", template="%(expressions)s)", output_field=models.BooleanField()
    )  # fmt: skip


class Compiled:
    """`build(**marks)` gives a query set of values; `rows(**given)` its rows, with each mark's place taken by what is given under its name.

    A mark is a value that stands nowhere else in the query. What `build` itself decides by (an `if`) is decided once for good.
    """

    def __init__(self, build, **marks):
        self.build, self.marks = build, marks

    @cached_property
    def statement(self):
        """(sql, names): for each place of the SQL the mark that stands there, or the value that always does."""
        sql, parameters = self.build(**self.marks).query.sql_with_params()
        places = [next((name for name, mark in self.marks.items() if mark == value), None) for value in parameters]
        missing = set(self.marks) - set(places)
        if missing:
            raise LookupError(f"marks that stand nowhere in the statement: {sorted(missing)}")
        return sql, list(zip(places, parameters, strict=True))

    def rows(self, **given):
        sql, places = self.statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [value if name is None else given[name] for name, value in places])
            return cursor.fetchall()
