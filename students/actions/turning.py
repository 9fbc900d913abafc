"""The turn of the school year: promotion, those who stay, those who leave their last grade; previewed, applied and undone as one.

A class is a cohort and stays; what moves is the grade of each enrolment, as a new dated fact, so that an earlier day is counted as it was.
Children on suspension stay in their grade. Graduates of primary school get no standing: until a junior roll names them they are to be
looked for (students.reports.unplaced).
"""

from datetime import date

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core import audit
from core.models import Parameter
from core.scope import require
from core.workflow import Refused
from students.actions import enrolling, placing, standings
from students.models import YearTurn
from students.planning import WHOLE_LISTS
from students.rules.grades import STAGE_YEARS

PRIMARY_YEARS, JUNIOR_YEARS = STAGE_YEARS["pri"], STAGE_YEARS["jun"]  # county parameters primary_years, junior_years (五四制: 5 and 4)
GRADUATED = ("jun", "sen", "voc", "spe")
TURNING = """
select e.id, e.child_id, e.kind, e.school_id, e.stage, e.grade,
       case when s.child_id is not null then 'stays' when e.grade >= y.years then 'leaves' else 'moves' end as outcome
from students_enrolment e
join core_organization o on o.id = e.school_id and o.path @> array[%(node)s::bigint]
join (values ('pre', %(pre)s), ('pri', %(pri)s), ('jun', %(jun)s), ('sen', %(sen)s), ('voc', %(voc)s), ('spe', %(spe)s)) y (stage, years)
     on y.stage = e.stage
left join (select distinct child_id from students_standing where code = 'suspended' and ended_at is null and since < %(on)s) s
     on s.child_id = e.child_id
where e.until is null and e.counts and e.grade is not null and e.since < %(on)s
"""
PREVIEW = f"""
select o.public_id, o.name, t.stage, t.grade, count(*) filter (where outcome = 'moves') as moves,
       count(*) filter (where outcome = 'stays') as stays, count(*) filter (where outcome = 'leaves') as leaves
from ({TURNING}) t join core_organization o on o.id = t.school_id where t.kind = 'roll'
group by o.id, o.public_id, o.name, o.code, t.stage, t.grade
order by o.code, array_position(array['pre', 'pri', 'jun', 'sen', 'voc', 'spe'], t.stage::text), t.grade
"""
KEEP = f"create temporary table turning on commit drop as {TURNING}"
LEAVE = """
update students_enrolment e set until = %(on)s, ended_on = %(on)s, ended_by = %(act)s from turning t
where e.id = t.id and t.outcome in ('moves', 'leaves')
"""
MOVE = """
insert into students_enrolment (child_id, kind, school_id, class_node_id, stage, grade, class_name, boarding, entered, state, counts,
                                accepted, since, made_by, roll_number_index)
select e.child_id, e.kind, e.school_id, e.class_node_id, e.stage, e.grade + 1, e.class_name, e.boarding, e.entered, e.state, e.counts,
       e.accepted, %(on)s, %(act)s, e.roll_number_index
from students_enrolment e join turning t on t.id = e.id where t.outcome = 'moves'
"""
TOUCH = ("create temporary table if not exists touched_child (child_id bigint) on commit drop", "delete from touched_child",
         "insert into touched_child select distinct child_id from turning where outcome <> 'stays'", "analyze touched_child")  # fmt: skip
TOUCH_TURNED = """
insert into touched_child select distinct child_id from students_enrolment where made_by = %(act)s or ended_by = %(act)s
"""


def first_day(school_year):
    return date(school_year, 9, 1)


def terms(node, on):
    years = {
        "pri": int(Parameter.objects.value_of("primary_years", on, PRIMARY_YEARS)),
        "jun": int(Parameter.objects.value_of("junior_years", on, JUNIOR_YEARS)),
    }
    return {"node": node.pk, "on": on} | STAGE_YEARS | years


def preview(*, node, school_year):
    """[{public_id, name, stage, grade, moves, stays, leaves}] of the roll, by school and present grade; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, terms(node, first_day(school_year)))
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


@transaction.atomic
def turn(*, node, school_year, by, today):
    """Every class below `node` moves up on the first day of `school_year`. Refused before that day, and for a node turned already."""
    require(by, "turn_school_year", node)
    on = first_day(school_year)
    if today < on:
        raise Refused(f"{school_year}—{school_year + 1}学年 {on} 才开始，请在那一天以后办理升级。")
    made = _begun(node, school_year, by)
    names = terms(node, on) | {"act": str(made.public_id)}
    with connection.cursor() as cursor:
        cursor.execute(WHOLE_LISTS)
        for statement in ("drop table if exists turning", KEEP, "analyze turning", LEAVE, MOVE, *TOUCH):
            cursor.execute(statement, names)
        cursor.execute("select outcome, count(*) from turning where kind = 'roll' group by 1")
        made.counts = dict(cursor.fetchall())
        cursor.execute(
            "select distinct child_id from turning where kind = 'roll' and outcome = 'leaves' and stage = any(%s)", [list(GRADUATED)]
        )
        graduates = [row[0] for row in cursor.fetchall()]
    if not made.counts:
        raise Refused(f"{node.name}没有需要升级的学生：没有学籍，或已经是新学年的名单。")
    placing.place()
    facts = {"code": "graduated", "reason": "09", "since": on, "source": "roll_change", "reference": str(made.public_id)}
    standings.record(rows=[{"child": child, **facts} for child in graduates], by=by, audited=False)
    made.save(update_fields=["counts"])
    audit.record("school_year_turned", by=by, organization=node, school_year=school_year, **made.counts)
    return made


def _begun(node, school_year, by):
    try:
        with transaction.atomic():
            return YearTurn.objects.create(
                node=node, path=node.path, school_year=school_year, happened_on=first_day(school_year), applied_by=by
            )
    except IntegrityError as twice:
        raise Refused(f"{node.name}已经办过 {school_year}—{school_year + 1} 学年的升级，不用再办；办错的先撤销。") from twice


@transaction.atomic
def undo(*, turn, by, reason):
    """The grades as they were; refused while a later turn stands on it. Newer lists keep what they say."""
    turn = YearTurn.objects.select_for_update(of=("self",)).select_related("node").get(pk=turn.pk)
    require(by, "turn_school_year", turn.node)
    if turn.undone_at:
        raise Refused(f"{turn.node.name}的{turn}已经撤销。")
    later = YearTurn.objects.standing().filter(school_year__gt=turn.school_year, path__overlap=[turn.node_id]).first()
    if later or YearTurn.objects.standing().filter(school_year__gt=turn.school_year, node__in=turn.path).exists():
        raise Refused("后来又办过一次学年升级，请先撤销后一次。")
    if len(reason.strip()) < 4:
        raise Refused("撤销要写明原因（至少 4 个字）。")
    act = str(turn.public_id)
    with connection.cursor() as cursor:
        cursor.execute(WHOLE_LISTS)
        for statement in (*TOUCH[:2], TOUCH_TURNED, TOUCH[3]):
            cursor.execute(statement, {"act": act})
    enrolling.take_back(acts=[act])
    placing.place()
    standings.end(source="roll_change", references=[act], on=turn.happened_on, by=by, audited=False)
    turn.undone_by, turn.undone_at, turn.reason = by, timezone.now(), reason.strip()[:200]
    turn.save(update_fields=["undone_by", "undone_at", "reason"])
    audit.record("school_year_undone", by=by, organization=turn.node, reason=reason, school_year=turn.school_year)
    return turn
