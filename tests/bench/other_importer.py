"""The roll through django-import-export, in an environment of its own (requirements-bench.lock), for comparison only.

    .make/bench/bin/python tests/bench/other_importer.py 学籍库.xlsx < database.json

Prints {rows, seconds, megabytes}. It is given every advantage: the fast settings of its documentation (bulk, no differences, no look at
what is there), a temporary table without indexes, constraints or history, numbers in clear, nothing checked, no preview that a person
could read, and one pass instead of its usual two.
"""

import json
import resource
import sys
import time

import django
from django.conf import settings


def main(path, database):
    settings.configure(
        DATABASES={"default": database | {"ENGINE": "django.db.backends.postgresql"}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "import_export"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True,
    )  # fmt: skip
    django.setup()
    began = time.monotonic()
    rows = imported(path)
    taken = time.monotonic() - began
    print(json.dumps({"rows": rows, "seconds": taken, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


def imported(path):
    """Number of rows in the table afterwards; SystemExit with the first error."""
    import tablib
    from django.db import connection

    with open(path, "rb") as stream:
        rows = tablib.Dataset().load(stream, format="xlsx", read_only=True, skip_lines=1)  # its title
    model, resource_class = described(rows.headers)
    with connection.cursor() as cursor:
        columns = ", ".join(f"{connection.ops.quote_name(name)} text" for name in rows.headers)
        cursor.execute(f"create temp table bench_row (id bigserial primary key, {columns})")
    done = resource_class().import_data(rows, dry_run=False, raise_errors=True, use_transactions=True)
    if done.has_errors():
        raise SystemExit(str(done.base_errors or done.row_errors()[:1]))
    return model.objects.count()


def described(headers):
    """A model with a text column for each heading, and the resource that fills it."""
    from django.db import models
    from import_export.resources import ModelResource

    fields = {f"f{number}": models.TextField(db_column=name, default="", blank=True) for number, name in enumerate(headers)}
    meta = type("Meta", (), {"app_label": "bench", "managed": False, "db_table": "bench_row"})
    model = type("BenchRow", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})
    return model, resource_of(model, headers, ModelResource)


def resource_of(model, headers, base):
    from import_export.fields import Field

    columns = {f"f{number}": Field(attribute=f"f{number}", column_name=name) for number, name in enumerate(headers)}
    meta = type("Meta", (), {
        "model": model, "use_bulk": True, "batch_size": 1000, "skip_diff": True, "skip_html_diff": True, "force_init_instance": True,
        "import_id_fields": (), "fields": tuple(columns),
    })  # fmt: skip
    return type("RowResource", (base,), {"Meta": meta, **columns})


if __name__ == "__main__":
    main(sys.argv[1], json.load(sys.stdin))
