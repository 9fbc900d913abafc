"""What the planner of the database cannot know: how many rows a list has that came in a moment ago, in the same transaction.

Without statistics it takes a county's roll for one row and walks it in nested loops, once for every child. Triggers keep the plan of
their first call as long as the connection lives: one made for a single row would serve a whole county, so plans are dropped with the
setting.
"""

from contextlib import contextmanager

from django.db import connection, transaction

WHOLE_LISTS = "discard plans; set local enable_nestloop = off"
ONE_BY_ONE = "discard plans; set local enable_nestloop = on"  # a look-up of one row would hash a whole county


@contextmanager
def hash_joins():
    """A cursor whose statements ask each list once and hash it."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(WHOLE_LISTS)
        yield cursor
        cursor.execute(ONE_BY_ONE)
