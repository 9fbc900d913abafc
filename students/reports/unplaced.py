"""小升初: the graduates of primary school of one turn, and where each is: on a junior roll, elsewhere with proof, or nowhere yet."""

from io import BytesIO

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from core.models import Organization
from core.spreadsheets import Column, SheetOut, write_workbook
from students.models import Enrolment, Registration, Standing, YearTurn
from students.rules.standings import STANDINGS

BEYOND_PRIMARY = ("jun", "sen", "voc", "spe")


def graduates(turns, user, permission, on):
    """Enrolments on the roll of the last primary grade that the turns ended, of children in scope, each with `placed` and `explained`.

    A graduate is seen by whoever saw the child at the primary school too: its people look for the child first."""
    from core.scope import granted_nodes

    nodes = granted_nodes(user, permission)
    seated = Enrolment.objects.in_force(on).filter(child=OuterRef("child"), counts=True)
    explained = Standing.objects.in_force(on).filter(child=OuterRef("child")).exclude(code__in=("suspected", "dropout"))
    homes = Registration.objects.in_force(on).filter(child=OuterRef("child"), counts=True).order_by("-pk")
    moved_up = Enrolment.objects.filter(child=OuterRef("child"), kind="roll", made_by=OuterRef("ended_by"))
    found = Enrolment.objects.filter(~Exists(moved_up), kind="roll", stage="pri", ended_by__in=turns.values("public_id"), counts=True)
    return (
        found.filter(Q(child__scope_nodes__overlap=nodes) | Q(school__path__overlap=nodes), child__merged_into=None)
        .annotate(
            placed=Exists(seated.filter(stage__in=BEYOND_PRIMARY)), seated=Exists(seated),
            explained=Subquery(explained.order_by("pk").values("code")[:1]),
            junior=Subquery(seated.filter(stage__in=BEYOND_PRIMARY).order_by("-kind").values("school__name")[:1]),
            village=Subquery(homes.values("household__village__name")[:1]),
            township=Subquery(homes.values("household__village__parent__name")[:1]),
        )
    )  # fmt: skip


def last_turns(user, permission):
    """The standing turns of the newest school year in scope."""
    turns = YearTurn.objects.standing().visible_to(user, permission)
    newest = turns.order_by("-school_year").values_list("school_year", flat=True).first()
    return turns.filter(school_year=newest) if newest else turns.none()


def unplaced(found):
    return found.filter(seated=False, explained=None)


def figures(found):
    """One row a primary school: graduates, placed, elsewhere with proof, still in primary school, unplaced."""
    rows = found.values("school__public_id", "school__name").annotate(
        graduates=Count("pk"),
        placed_count=Count("pk", filter=Q(placed=True)),
        explained_count=Count("pk", filter=Q(placed=False, explained__isnull=False)),
        still_count=Count("pk", filter=Q(placed=False, explained=None, seated=True)),
        unplaced_count=Count("pk", filter=Q(seated=False, explained=None)),
    )
    return list(rows.order_by("school__code"))


def narrowed(found, township, school):
    if township:
        found = found.filter(township=township)
    return found.filter(school__public_id=school) if school else found


def schools_of(found):
    return Organization.objects.filter(pk__in=found.values("school")).order_by("code")


HEADS = (("姓名", 12), ("性别", 6), ("出生日期", 12), ("毕业小学", 24), ("班级", 10), ("户籍乡镇", 14), ("户籍村", 14), ("去向", 16))


def cells(row):
    where = row.junior or (STANDINGS[row.explained].label if row.explained else "仍在小学" if row.seated else "未升学，去向不明")
    child = row.child
    return [child.name, child.get_sex_display() if child.sex else "", child.birth_on.isoformat() if child.birth_on else "", row.school.name,
            row.class_name, row.township or "非本县户籍", row.village or "", where]  # fmt: skip


def workbook(found, *, on, note, title="小学毕业未升学学生名单"):
    rows = (cells(row) for row in found.select_related("child", "school").order_by("school__code", "child__pinyin"))
    sheet = SheetOut(
        name="小升初", columns=[Column(label, width) for label, width in HEADS], rows=rows, titles=(title,),
        unit_line=f"截至 {on.isoformat()}", frozen_columns=1,
    )  # fmt: skip
    target = BytesIO()
    write_workbook(target, [sheet], note=note)
    target.seek(0)
    return target


def repeaters(turn):
    """Children whom a list of the new school year shows in a lower grade than the turn gave them: kept down, or a wrong list."""
    given = Enrolment.objects.filter(made_by=turn.public_id, kind="roll")
    listed = Enrolment.objects.filter(
        child=OuterRef("child"), school=OuterRef("school"), kind="roll", until=None, row__isnull=False, since__gte=turn.happened_on,
        grade__lt=OuterRef("grade"),
    )  # fmt: skip
    return given.annotate(now=Subquery(listed.values("grade")[:1])).filter(now__isnull=False).select_related("child", "school")
