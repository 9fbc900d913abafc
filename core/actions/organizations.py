"""Nodes of the tree: made in batches, path kept by the same statement."""

from django.db import connection, transaction

from core import audit
from core.models import Organization


@transaction.atomic
def start_county(*, code, name, by=None):
    """The county's root node. `code` is the 12-digit code of the divisions file's own row."""
    root = Organization(kind=Organization.Kind.BUREAU, code=code, name=name, stat_code=code)
    root.save()
    root.path = [root.pk]
    root.save(update_fields=["path"])
    audit.record("county_started", by=by, subject=root, organization=root, code=code)
    return root


def add_node(*, kind, code, name, parent, **fields):
    """One node under `parent`; the batch of one."""
    return add_nodes([{"kind": kind, "code": code, "name": name, "parent": parent, **fields}])[0]


@transaction.atomic
def add_nodes(rows):
    """Nodes from dicts (kind, code, name, parent node, …), parents before children. Returns them in order, paths filled."""
    made = []
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('core_organization', 'id')) from generate_series(1, %s)", [len(rows)])
        ids = [row[0] for row in cursor.fetchall()]
    for pk, row in zip(ids, rows, strict=True):
        node = Organization(pk=pk, **row)
        node.path = [*row["parent"].path, pk]
        made.append(node)
    Organization.objects.bulk_create(made, batch_size=1000)
    return made


MOVE = """
with moved as (select unnest(%(nodes)s::bigint[]) as id, unnest(%(parents)s::bigint[]) as parent_id)
update core_organization o set path = p.path || o.path[array_position(o.path, m.id):],
       parent_id = case when o.id = m.id then m.parent_id else o.parent_id end,
       version = o.version + case when o.id = m.id then 1 else 0 end
from moved m join core_organization p on p.id = m.parent_id where o.path @> array[m.id]
"""


@transaction.atomic
def move_nodes(moves):
    """Hang nodes elsewhere: {node id: new parent's id}, nothing below one of them being moved too. What is below goes along; every path
    follows. What is derived from paths, such as what a person may see, is the caller's to refresh."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, {"nodes": list(moves), "parents": list(moves.values())})
