"""Divisions that come after the lists that name them: schools find their township, people their village, as if they had come first."""

import json

from django.db import connection

from core.actions.organizations import move_nodes
from core.crypto import Indexer
from core.models import Organization
from students.actions import county, deriving, placing
from students.models import ListRow, SchoolProfile
from students.rules.naming import Places

Kind = Organization.Kind
ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
BATCH = 2000
UNPLACED = """
select id from students_listrow where kind = 'hukou' and until is null and coalesce(facts ->> 'village', '') = ''
   and coalesce(nullif(facts ->> 'village_code', ''), nullif(facts ->> 'village_name', ''),
                nullif(facts ->> 'township_name', '')) is not null
"""
TOUCH_ROWS = "insert into touched_child select distinct child_id from students_listrow where id = any(%s) and child_id is not null"
TOUCH_BELOW = "insert into touched_child select id from students_child where scope_nodes && %s::bigint[]"


def resolve(snapshot):
    """After the divisions of `snapshot` stand: tie to them what came before, and derive anew for every child whose place changed. Adds to
    the table touched_child, which the application of the batch has opened."""
    if snapshot.kind != "divisions":
        return
    nodes = list(Organization.objects.exclude(kind=Kind.CLASS).values_list("id", "kind", "code", "name"))
    root = snapshot.coverage
    places, ids = Places([node[1:] for node in nodes], root.name), {code: pk for pk, _, code, _ in nodes}
    rows = _name_villages(places, ids)
    moved = _place_schools(places, ids, root)
    with connection.cursor() as cursor:
        cursor.execute(TOUCH_ROWS, [rows])
        cursor.execute(TOUCH_BELOW, [moved])
    deriving.derive()
    placing.place()


def _name_villages(places, ids):
    """Rows of the police register that could name no village find theirs; their ids. What was read into a row's content is read anew, or
    the next list would change every row."""
    with connection.cursor() as cursor:
        cursor.execute(UNPLACED)
        waiting = [pk for (pk,) in cursor.fetchall()]
    index, found = Indexer("list_row.content"), []
    for start in range(0, len(waiting), BATCH):
        rows = []
        for row in ListRow.objects.filter(pk__in=waiting[start : start + BATCH]):
            facts = row.facts
            code = places.village(facts.get("village_code", ""), facts.get("village_name", ""), facts.get("township_name", ""))
            if code:
                row.facts = facts | {"village": code, "village_code": code, "village_name": "", "township_name": ""}
                row.node_id, row.content_hash = ids[code], index.index(content_of(row))
                rows.append(row)
        ListRow.objects.bulk_update(rows, ["facts", "node", "content_hash"], batch_size=BATCH)
        found += [row.pk for row in rows]
    return found


def content_of(row):
    """What students.imports.drafts hashes of a row, from the row as it stands."""
    return "\x1f".join((row.name, row.number or "", row.roll_number, str(row.birth_on), row.phone, row.address or "", ENCODE(row.facts)))


def _place_schools(places, ids, root):
    """Schools that named a township nobody knew yet hang under its education group now; ids of the nodes that moved."""
    index, named = Indexer("list_row.content"), {}
    rows = list(ListRow.objects.filter(kind="schools", until=None, facts__township="", facts__has_key="township_said"))
    for row in rows:
        township = county.township_of(row.facts["township_said"], places)
        if township:
            named[row.facts["code"]] = township
            row.facts = {key: value for key, value in row.facts.items() if key != "township_said"} | {"township": township}
            row.content_hash = index.index(content_of(row))
    ListRow.objects.bulk_update([row for row in rows if row.facts["township"]], ["facts", "content_hash"], batch_size=BATCH)
    known = {
        node.code: node for node in Organization.objects.filter(code__in=[*named.values(), *(f"{code}-EG" for code in named.values())])
    }
    groups = county.education_groups(set(named.values()), known, root)
    schools = Organization.objects.filter(code__in=named)
    profiles = list(SchoolProfile.objects.filter(school__in=schools).select_related("school"))
    for profile in profiles:
        profile.township_id = ids[named[profile.school.code]]
    SchoolProfile.objects.bulk_update(profiles, ["township"], batch_size=BATCH)
    moves = {school.pk: groups[named[school.code]].pk for school in schools if school.parent_id == root.pk and named[school.code] in groups}
    move_nodes(moves)
    return [*moves, *(group.pk for group in groups.values())]
