"""Keeps the account of the usual day at hand: only children whose facts changed, or who have a date in between, are judged anew."""

from django.db import connection, transaction

from students import kept, statuses
from students.models import AccountDay
from students.planning import hash_joins

LOCK = "select pg_advisory_xact_lock(hashtext('students.account_now'))"
DATES = """
insert into students_accountstale (child_number)
select child_id from (select child_id, since, until from students_registration union all
                      select child_id, since, until from students_enrolment union all
                      select child_id, since, until from students_standing) facts
where since > %(first)s and since <= %(last)s or until > %(first)s and until <= %(last)s
"""
TAKE = "with taken as (delete from students_accountstale returning child_number) select array_agg(distinct child_number) from taken"
DROP = "delete from students_accountnow where %(children)s::bigint[] is null or child_number = any(%(children)s)"


@transaction.atomic
def refresh(on):
    """Bring the kept account to the day `on`; how many children were judged anew. Readers of the kept account are waited for, those who
    come meanwhile read the facts themselves."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    day = AccountDay.objects.first()
    whole = day is None or day.rule_version != kept.RULE_VERSION
    with hash_joins() as cursor:
        if not whole and day.on != on:
            cursor.execute(DATES, {"first": min(day.on, on), "last": max(day.on, on)})
        cursor.execute(TAKE)
        stale = cursor.fetchone()[0] or []
        names = {"on": on, "children": stale if not whole and kept.few_enough(stale) else None}
        cursor.execute(DROP, names)
        cursor.execute(statuses.KEEP, names)
        judged = cursor.rowcount
    AccountDay.objects.update_or_create(defaults={"on": on, "rule_version": kept.RULE_VERSION}, id=1)
    return judged


def catch_up(on):
    """Judge anew whose facts changed since the account of the day `on` was kept; how many, None where another day (or none) is kept."""
    return refresh(on) if AccountDay.objects.filter(on=on, rule_version=kept.RULE_VERSION).exists() else None


SUM_UP = """
with gone as (delete from students_tally returning what, amount)
insert into students_tally (what, amount) select what, sum(amount) from gone group by what
"""


def sum_up():
    """The notes of the tallies become one a piece. One who counts meanwhile sees the former ones or the new one."""
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP)
