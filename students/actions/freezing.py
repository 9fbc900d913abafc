"""Freezing the account as of a date, and keeping comparisons. Set-based: one statement writes a line a child."""

import time

from django.db import connection, transaction

from core import audit, scope
from core.workflow import Refused
from students import kept, statuses
from students.actions import keeping
from students.actions.units import NAMES_ON
from students.models import AccountVersion, ComparisonRun
from students.planning import hash_joins

PERMISSION = "freeze_account"
INSERT = f"""
insert into students_accountline (version_id, child_number, name, status, reason, source, since, home, school)
select %(version)s, lines.id, c.name, lines.status, lines.reason, coalesce(s.source, 'list'),
       coalesce(s.since, lines.listed_since, lines.registered_since), coalesce(hc.name, h.name, ''), coalesce(oc.name, o.name, '')
from lines join students_child c on c.id = lines.id left join students_standing s on s.id = lines.by_standing
left join core_organization h on h.id = lines.home left join core_organization o on o.id = lines.school
left join ({NAMES_ON}) hc on hc.node_id = h.id left join ({NAMES_ON}) oc on oc.node_id = o.id
"""
WRITTEN = """
select encode(sha256(convert_to(%(head)s || coalesce(string_agg(
    concat_ws('|', child_number, name, status, reason, source, since, home, school), E'\\n' order by child_number), ''),
    'UTF8')), 'hex') from students_accountline where version_id = %(version)s
"""
MOVED = """
select coalesce(n.child_number, o.child_number) as child_number, coalesce(n.name, o.name) as name, coalesce(o.status, '') as before,
       coalesce(n.status, '') as after, coalesce(n.reason, '') as reason, coalesce(n.home, o.home) as home,
       coalesce(n.school, o.school) as school
from (select * from students_accountline where version_id = %(new)s) n
full join (select * from students_accountline where version_id = %(old)s) o on o.child_number = n.child_number
where n.status is distinct from o.status or n.reason is distinct from o.reason order by 3, 4, 2, 1
"""


def why_not_freeze(found):
    """The sentence why an account may not be frozen; None where it may."""
    if not found.registered:
        return "这个日期和年龄范围里没有户籍儿童，没有可以固定的总账。"
    if found.unexplained:
        return f"还有 {found.unexplained} 名儿童去向未说明，总账不平衡，不能固定。请先登记去向，或列为疑似。"
    return None if found.balanced else "各去向之和不等于户籍适龄人数，总账不平衡，不能固定。"


@transaction.atomic
def freeze(*, ask, by):
    """The account of the whole county as a new version. Refused while it does not balance."""
    scope.require(by, PERMISSION, scope.root())
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('students.account_version'))")
    found = statuses.counted(ask)
    sentence = why_not_freeze(found)
    if sentence:
        raise Refused(sentence)
    before = AccountVersion.objects.order_by("-number").first()
    number = before.number + 1 if before else 1
    version_id = _next_id(AccountVersion)
    _write_lines(version_id, ask)
    version = AccountVersion.objects.create(
        pk=version_id, number=number, before=before, content_sha256=digest(version_id, head_of(number, ask)), by=by, **_told(ask, found)
    )
    audit.record("account_frozen", by=by, subject=version, organization=scope.root(), number=number, registered=found.registered)
    return version


def _next_id(model):
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        return cursor.fetchone()[0]


def _write_lines(version_id, ask):
    """The reference to the version is checked at the end of the transaction, so that its sum can be written with it."""
    with hash_joins() as cursor:
        statuses.execute(cursor, INSERT, ask.names(version=version_id))


def head_of(number, asked):
    return f"{number}|{asked.on}|{asked.low}|{asked.high}|{asked.mode}\n"


def digest(version_id, head):
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, {"version": version_id, "head": head})
        return cursor.fetchone()[0]


def is_unchanged(version):
    """Whether the lines still have the sum that was frozen with them."""
    return digest(version.pk, head_of(version.number, version)) == version.content_sha256


def differences(new, old):
    """Children whose status or reason differs between two versions, who came and who went: one statement."""
    with hash_joins() as cursor:
        cursor.execute(MOVED, {"new": new.pk, "old": old.pk})
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _told(ask, found):
    return {
        "on": ask.on, "low": ask.low, "high": ask.high, "mode": ask.mode, "registered": found.registered, "figures": found.by_status,
        "neither_by_reason": found.neither_by_reason, "rule_version": kept.RULE_VERSION,
    }  # fmt: skip


@transaction.atomic
def keep_run(*, ask, by):
    """Compare once more and keep what came out, with the differences to the run before of the same ages and rule."""
    began = time.perf_counter()
    judged = keeping.catch_up(ask.on)
    found = statuses.counted(ask)
    last = ComparisonRun.objects.filter(low=ask.low, high=ask.high, mode=ask.mode).order_by("-id").first()
    changed = {key: count - last.figures.get(key, 0) for key, count in found.by_status.items()} if last else {}
    changed = {key: count for key, count in changed.items() if count}
    seconds = round(time.perf_counter() - began, 3)
    run = ComparisonRun.objects.create(by=by, seconds=seconds, changed=changed, judged=judged, **_told(ask, found))
    audit.record("comparison_kept", by=by, subject=run, organization=scope.root(), registered=found.registered)
    return run
