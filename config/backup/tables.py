"""What the database holds. The digest of a table is the sum of its rows' digests: no order, the same on both sides of a restore."""

from django.db import connection

WITHOUT_ROWS = ("django_session",)  # a session is a key to the door: nobody stays signed in through a restore
# How a row reads as text depends on these
READING = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1;"
)
OURS = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = {oid} AND d.deptype = 'e')"  # not a part of an extension


def _quoted(name):
    return '"' + name.replace('"', '""') + '"'


def _measure(table):
    row = "('x' || substr(encode(sha256(convert_to(nol_row::text, 'UTF8')), 'hex'), 1, 15))::bit(60)::bigint"
    return f"SELECT count(*), coalesce(sum({row}), 0)::text FROM public.{_quoted(table)} nol_row"


def names():
    """Our tables, in the current transaction's view."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            f" AND {OURS.format(oid='c.oid')} ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def measure():
    """{table: {"rows": n, "digest": text}} of every table but the sessions."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(READING.replace("SET ", "SET LOCAL "))
        for table in names():
            if table not in WITHOUT_ROWS:
                cursor.execute(_measure(table))
                rows, digest = cursor.fetchone()
                found[table] = {"rows": rows, "digest": digest}
    return found


def check_statements(expected):
    """SQL that stops the transaction when a table is not what the manifest says."""
    yield READING
    for table, wanted in expected.items():
        yield (
            "DO $nol$ DECLARE found bigint; digest text; BEGIN "
            f"{_measure(table).replace(' FROM public.', ' INTO found, digest FROM public.', 1)}; "
            f"IF found <> {int(wanted['rows'])} OR digest <> '{int(wanted['digest'])}' THEN "
            f"RAISE EXCEPTION 'table {table.replace('%', '%%')}: % rows, expected {int(wanted['rows'])}, or other content', found; "
            "END IF; END $nol$;"
        )


def drop_statements():
    """SQL that empties the schema of what is ours; extensions and privileges stay."""
    with connection.cursor() as cursor:
        for kinds, word in ((("v",), "VIEW"), (("m",), "MATERIALIZED VIEW"), (("r", "p"), "TABLE"), (("S",), "SEQUENCE")):
            cursor.execute(
                "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = ANY(%s::\"char\"[])"
                f" AND {OURS.format(oid='c.oid')} ORDER BY 1",
                [list(kinds)],
            )
            yield from (f"DROP {word} IF EXISTS public.{_quoted(name)} CASCADE;" for (name,) in cursor.fetchall())
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
            f" AND {OURS.format(oid='p.oid')} ORDER BY 1"
        )
        yield from (f"DROP ROUTINE IF EXISTS {signature} CASCADE;" for (signature,) in cursor.fetchall())
