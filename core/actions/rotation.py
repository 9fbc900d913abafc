"""Everything sealed comes under the newest field key and cipher, while people work.

What is sealed is found by walking the models: live tables, lists, staged rows and history alike; beside them the stored files. Batches by
primary key commit one by one and pass over rows that somebody holds; a next pass takes them. A row's content does not change, so every
trigger of its table stays silent for these updates, those that forbid changes as well as those that write history; history is a table of
its own here. Live tables go before their history, since a change made meanwhile copies what was there.
"""

from contextlib import nullcontext
from dataclasses import dataclass, field

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from core import crypto, files
from core.crypto import SealedBytesField, SealedTextField, SealError

BATCH, PASSES = 500, 5


@dataclass(frozen=True)
class SealedTable:
    model: type[models.Model]
    columns: tuple[models.Field, ...]

    @property
    def is_history(self):
        return hasattr(self.model, "pgh_tracked_model")

    @property
    def old(self):
        """SQL: some sealed column is not under the active key; one parameter a column."""
        return " or ".join(f'substring("{column.column}" from 1 for 2) <> %s' for column in self.columns)

    @property
    def triggers(self):
        return [f"{self.model._meta.label}:{trigger.name}" for trigger in getattr(self.model._meta, "triggers", ())]


@dataclass
class Rotated:
    """Per column or "files": how many were re-sealed; `faults` are sentences, one a value that does not open."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number


def sealed_tables():
    found = []
    for model in apps.get_models(include_auto_created=True):
        columns = tuple(column for column in model._meta.local_concrete_fields if isinstance(column, SealedTextField | SealedBytesField))
        if columns and model._meta.managed and not model._meta.proxy:
            found.append(SealedTable(model, columns))
    return sorted(found, key=lambda table: (table.is_history, table.model._meta.label))


def remaining():
    """{column or "files": how many values are not under the active key}."""
    counted, head = {}, crypto.active_head()
    for table in sealed_tables():
        parts = ", ".join(f'count(*) filter (where substring("{column.column}" from 1 for 2) <> %s)' for column in table.columns)
        with connection.cursor() as cursor:
            cursor.execute(f'select {parts} from "{table.model._meta.db_table}"', [head] * len(table.columns))  # noqa: S608 own names
            row = cursor.fetchone()
        counted |= {_words(table, column): number for column, number in zip(table.columns, row, strict=True)}
    return counted | {"files": sum(1 for _ in files.under_old_keys())}


def rotate():
    """All of it, pass after pass, until nothing is left, or nothing moves but what does not open."""
    done = Rotated()
    for _ in range(PASSES):
        done.faults = []  # the same again in each pass
        for table in sealed_tables():
            _rotate_table(table, done)
        if not any(number for what, number in remaining().items() if what != "files") or done.faults:
            break
    for place in files.under_old_keys():
        try:
            files.reseal(place)
            done.add("files")
        except SealError as wrong:
            done.faults.append(f"文件 {place.name[:12]}…：{wrong}")
    return done


def _rotate_table(table, done):
    last = 0
    while last is not None:
        with transaction.atomic():
            last = _rotate_batch(table, last, done)


def _rotate_batch(table, after, done):
    """The primary key reached, None at the end."""
    name, key = table.model._meta.db_table, table.model._meta.pk.column
    listed = ", ".join(f'"{column.column}"' for column in table.columns)
    wanted = f'where "{key}" > %s and ({table.old}) order by "{key}" limit %s for update skip locked'
    statement = f'select "{key}", {listed} from "{name}" {wanted}'  # noqa: S608 own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [after, *[crypto.active_head()] * len(table.columns), BATCH])
        rows = cursor.fetchall()
    if not rows:
        return None
    resealed = [row for row in (_reseal(table, row, done) for row in rows) if row]
    if resealed:
        _write(table, resealed)
    return rows[-1][0]


def _reseal(table, row, done):
    """The row with every value under the active key; a value that does not open leaves the row as it is and is named."""
    key, values, counted = row[0], [], []
    for column, value in zip(table.columns, row[1:], strict=True):
        try:
            new = crypto.rotate(None if value is None else bytes(value), column.sealed_as)
        except SealError as wrong:
            done.faults.append(f"{_words(table, column)} 主键 {key}：{wrong}")
            return None
        if new is not None and new != bytes(value):
            counted.append(_words(table, column))
        values.append(new)
    for what in counted:
        done.add(what)
    return key, *values


def _write(table, rows):
    name, key = table.model._meta.db_table, table.model._meta.pk.column
    numbers = range(len(table.columns))
    sets = ", ".join(f'"{table.columns[number].column}" = new.c{number}' for number in numbers)
    arrays = ", ".join(["%s::bigint[]"] + ["%s::bytea[]" for _ in numbers])
    aliases = ", ".join(["k"] + [f"c{number}" for number in numbers])
    statement = f'update "{name}" t set {sets} from unnest({arrays}) as new({aliases}) where t."{key}" = new.k'  # noqa: S608 own names
    parameters = [list(column) for column in zip(*rows, strict=True)]
    with pgtrigger.ignore(*table.triggers) if table.triggers else nullcontext(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _words(table, column):
    return f"{table.model._meta.label}.{column.name}"
