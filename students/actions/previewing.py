"""What a staged batch would do: new, changed, unchanged, conflicts, vanished — by key, in SQL, without touching what stands."""

from django.db import connection

from students.models import RowIssue
from students.rules.kinds import ACCUMULATE

# A list speaks for its coverage and all that lies below it: a county's roll says of a row that a school sent earlier whether it still
# stands. It says nothing of a wider list's rows, nor of rows that were seen after its own day (docs/adr/0001).
SPOKEN_FOR = f"""l.kind = %(kind)s and l.until is null and l.snapshot_id in (
    select p.id from students_sourcesnapshot p join core_organization o on o.id = p.coverage_id
    where p.kind = %(kind)s and (o.id = %(coverage)s or %(kind)s not in {ACCUMULATE} and o.path @> array[%(coverage)s::bigint]))"""

REPEATED = """
update students_stagedrow s set outcome = 'conflict',
       why = case when d.first_hash = s.content_hash then '与第 ' || d.first_row || ' 行重复' else '与第 ' || d.first_row || ' 行同一人同一单位，内容不同' end
from (select id, row_number() over w as n, first_value(row_number) over w as first_row, first_value(content_hash) over w as first_hash
      from students_stagedrow where snapshot_id = %(snapshot)s and outcome = 'new'
      window w as (partition by person_key, place_key order by id)) d
where s.id = d.id and d.n > 1
"""
SAME_KEY = """
update students_stagedrow s set standing_id = l.id,
       outcome = case when l.content_hash = s.content_hash then 'unchanged' when l.seen_as_of > %(as_of)s
       then 'conflict' else 'changed' end,
       why = case when l.content_hash <> s.content_hash and l.seen_as_of > %(as_of)s then '现有资料截至 ' || l.seen_as_of || '，比这份名单新' else '' end
from students_listrow l
where s.snapshot_id = %(snapshot)s and s.outcome = 'new' and l.kind = %(kind)s and l.until is null
  and l.person_key = s.person_key and l.place_key = s.place_key
"""
SAME_PERSON_ELSEWHERE = f"""
with staged as (select person_key, min(id) as id from students_stagedrow
                where snapshot_id = %(snapshot)s and outcome = 'new' group by 1 having count(*) = 1),
     standing as (select l.person_key, min(l.id) as id, min(l.seen_as_of) as seen from students_listrow l
                  where {SPOKEN_FOR}
                    and not exists (select 1 from students_stagedrow s where s.snapshot_id = %(snapshot)s and s.standing_id = l.id)
                  group by 1 having count(*) = 1)
update students_stagedrow s set standing_id = standing.id,
       outcome = case when standing.seen > %(as_of)s then 'conflict' else 'changed' end,
       why = case when standing.seen > %(as_of)s then '现有资料截至 ' || standing.seen || '，比这份名单新' else '' end
from staged join standing using (person_key) where s.id = staged.id
"""
OLDER = """
update students_stagedrow set outcome = 'conflict', why = '已有日期更新的同类名单，旧名单不再改变现状'
where %(older)s and snapshot_id = %(snapshot)s and outcome = 'new'
"""
OUTCOME_STEPS = (REPEATED, SAME_KEY, SAME_PERSON_ELSEWHERE, OLDER)

VANISHED = f"""
from students_listrow l
where {SPOKEN_FOR} and l.seen_as_of <= %(as_of)s
  and not exists (select 1 from students_stagedrow s where s.snapshot_id = %(snapshot)s and s.standing_id = l.id)
  and not exists (select 1 from students_stagedrow s where s.snapshot_id = %(snapshot)s and s.outcome = 'refused'
                  and s.name_key = l.name_key and s.place_key = l.place_key)
"""


def names_of(snapshot):
    return {"snapshot": snapshot.pk, "kind": snapshot.kind, "coverage": snapshot.coverage_id, "as_of": snapshot.as_of}


def count_vanished(snapshot):
    """Standing rows of the same kind, of its coverage or below, that the batch no longer has; a row refused now is not one of them."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*)" + VANISHED, names_of(snapshot))
        return cursor.fetchone()[0]


def vanished_ids(snapshot):
    with connection.cursor() as cursor:
        cursor.execute("select l.id" + VANISHED, names_of(snapshot))
        return [row[0] for row in cursor.fetchall()]


def count_warned(snapshot):
    """Rows that are imported and carry at least one warning."""
    warned = RowIssue.objects.filter(snapshot=snapshot, severity="warning").values("sheet", "row_number").distinct()
    refused = RowIssue.objects.filter(snapshot=snapshot, severity="refused").values_list("sheet", "row_number")
    refused = set(refused)
    return sum(1 for row in warned if (row["sheet"], row["row_number"]) not in refused)
