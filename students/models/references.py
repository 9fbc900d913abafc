"""References to what nobody can delete, looked up once a statement and not once a row (docs/adr/0003).

A foreign key asks for every row that a list brings whether its school is there. Units and snapshots are never deleted, triggers see to
that: what was there when a row was written stays there. So it is enough to ask once for each different value that a statement writes.
The field says `db_constraint=False`, the table's triggers are `kept_references(…)`.
"""

import pgtrigger

TARGETS = {"core_organization": "organization_no_delete", "students_sourcesnapshot": "source_snapshot_no_delete"}
NODE, SNAPSHOT = TARGETS
ASK = """
if exists (select from (select distinct {column} as id from fresh where {column} is not null) n
           where not exists (select from {target} o where o.id = n.id)) then
    raise foreign_key_violation using message = 'a row refers to nothing', table = TG_TABLE_NAME, column = '{column}';
end if;
"""
EVENTS = {"insert": pgtrigger.Insert, "update": pgtrigger.Update}


def kept_references(**targets):
    """Triggers of a table whose columns (by their names in the database) point to rows of `targets`."""
    asked = "".join(ASK.format(column=column, target=target) for column, target in targets.items())
    return [
        pgtrigger.Trigger(
            name=f"references_on_{event}", level=pgtrigger.Statement, when=pgtrigger.After, operation=operation,
            referencing=pgtrigger.Referencing(new="fresh"), func=f"{asked}return null;",
        )
        for event, operation in EVENTS.items()
    ]  # fmt: skip
