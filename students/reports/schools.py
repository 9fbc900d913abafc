"""Schools in figures: who is on the roll, who sits in the classroom, and the difference; each figure with the address of its names."""

from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, Prefetch, Q
from django.urls import reverse

from core.models import RoleGrant
from students.models import Enrolment, Section
from students.reports.children import grade_text
from students.rules.codes import SCHOOL_KINDS

ROLL, ATTENDING = Enrolment.Kind.ROLL, Enrolment.Kind.ATTENDING
IN_FORCE = "x.counts and x.since <= %(on)s and (x.until is null or x.until > %(on)s)"
NOWHERE = f"not exists (select 1 from students_enrolment x where x.child_id = here.child_id and {IN_FORCE} and x.kind ="
FIGURES = f"""
with here as (
    select x.school_id, x.child_id, bool_or(x.kind = 'roll') as on_roll, bool_or(x.kind = 'attending') as attending
    from students_enrolment x where x.school_id = any(%(schools)s) and {IN_FORCE}
      and x.child_id not in (select id from students_child where merged_into_id is not null) group by 1, 2)
select school_id, count(*) filter (where on_roll), count(*) filter (where attending),
       count(*) filter (where on_roll and not attending and {NOWHERE} 'attending')),
       count(*) filter (where attending and not on_roll and {NOWHERE} 'roll'))
from here group by 1
"""
NOTHING = {"on_roll": 0, "attending": 0, "roll_only": 0, "attending_only": 0}


def with_profiles(schools):
    sections = Prefetch("sections", Section.objects.filter(until=None).order_by("stage"), to_attr="present_sections")
    return schools.select_related("parent", "profile__township").prefetch_related(sections)


def kind_label(school):
    profile = getattr(school, "profile", None)
    if profile is None:
        return school.get_kind_display()
    return SCHOOL_KINDS[profile.kind].label if profile.kind in SCHOOL_KINDS else profile.kind


def roster_url(school, **more):
    """The list of a school's children, narrowed by further filters."""
    return f"{reverse('students:child_list')}?{urlencode({'school': school.public_id, **more})}"


def figures(schools, on):
    """{school id: {on_roll, attending, roll_only, attending_only}} in persons of the day `on`, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"schools": [school.pk for school in schools], "on": on})
        found = {school: dict(zip(NOTHING, counts, strict=True)) for school, *counts in cursor.fetchall()}
    return {school.pk: found.get(school.pk, NOTHING) for school in schools}


def rows(schools, on):
    schools = list(schools)
    counted = figures(schools, on)
    return [
        {"school": school, "kind": kind_label(school), "figures": counted[school.pk], "roster": roster_url(school)} for school in schools
    ]


def facts(school):
    profile = getattr(school, "profile", None)
    township = profile.township if profile else None
    return [
        {"label": "学校标识码", "text": school.code},
        {"label": "办学类型", "text": kind_label(school)},
        {"label": "所在乡镇", "text": township.name if township else ""},
        {"label": "上级单位", "text": school.parent.name if school.parent else ""},
        {"label": "寄宿制", "text": ("是" if profile.boarding else "否") if profile else ""},
        {"label": "启用日期", "text": school.since.isoformat() if school.since else ""},
    ]


def classes(school, on):
    """Grade and class with its persons on the roll and in the classroom, in the order of the school."""
    here = Enrolment.objects.in_force(on).counted().filter(school=school, child__merged_into=None)
    counted = here.values("stage", "grade", "class_name").annotate(
        on_roll=Count("child", distinct=True, filter=Q(kind=ROLL)), attending=Count("child", distinct=True, filter=Q(kind=ATTENDING))
    )
    order = {stage: place for place, stage in enumerate(("pre", "pri", "jun", "sen", "voc", "spe", ""))}
    lines = sorted(counted, key=lambda row: (order.get(row["stage"], 9), row["grade"] or 0, len(row["class_name"]), row["class_name"]))
    for row in lines:
        row["label"] = grade_text(row["stage"], row["grade"]) or "年级未填"
        of = {"grade": f"{row['stage']}-{row['grade']}"} if row["grade"] else {}
        of |= {"class_name": row["class_name"]} if row["class_name"] else {}
        row |= {"url": roster_url(school, **of), "roll_url": roster_url(school, **of, standing="on_roll")}
        row |= {"attending_url": roster_url(school, **of, standing="attending")}
    return lines


def people(school, on):
    """Who holds a role at the school."""
    held = (
        RoleGrant.objects.in_force(on)
        .filter(organization=school, user__is_active=True)
        .select_related("user")
        .order_by("role", "user__name")
    )
    return [{"label": grant.get_role_display(), "text": grant.user.name} for grant in held]
