"""The people of the demo county: one for each role, named after it, and two for the schools around. All names are invented."""

from collections import Counter

from django.db import transaction
from django.db.models import Count

from core import scope
from core.actions import accounts, organizations
from core.hashers import DEMO_PASSWORD
from core.models import Organization, User
from core.roles import ROLE
from students import detection
from students.county.places import COUNTY_CODE, COUNTY_NAME
from students.models import COMPULSORY_STAGES, Child, Enrolment, Registration, SchoolProfile
from students.rules.ages import POINT

NAMES = {
    "bureau_admin": "沈知远", "bureau_head": "梁伯安", "aid_officer": "苏敏", "dropout_officer": "顾长青", "roll_officer": "钟文慧",
    "finance_officer": "邵立群", "archivist": "白秋实", "auditor": "严正平", "system_admin": "程一舟",
    "township_officer": "韩春生", "township_head": "罗建平", "group_head": "唐守仁", "village_liaison": "柳大山",
    "principal": "秦致和", "school_aid_admin": "薛静", "school_clerk": "孟晓燕", "class_teacher": "温如意", "support_teacher": "方远航",
}  # fmt: skip
POSTS = {
    "bureau_head": "副局长", "township_officer": "教育专干", "township_head": "副镇长", "group_head": "教育组长", "village_liaison": "村文书",
    "principal": "校长", "school_clerk": "教务主任", "class_teacher": "班主任", "support_teacher": "帮扶教师",
}  # fmt: skip
NEIGHBOURS = {"school_clerk_2": ("school_clerk", "雷小满"), "principal_2": ("principal", "高正清")}
FIRST = "bureau_admin"


def open_bureau(today, say):
    """The county's node and everybody who works at the bureau."""
    county = scope.root() or organizations.start_county(code=COUNTY_CODE, name=COUNTY_NAME)
    wanted = [code for code in NAMES if "bureau" in ROLE[code].level]
    return _open(dict.fromkeys(wanted, county), today, say, "教育局")


def open_others(today, say):
    """Everybody below the bureau, on nodes that the imported lists have made."""
    wanted = [code for code in NAMES if "bureau" not in ROLE[code].level]
    if User.objects.filter(username__in=[*wanted, *NEIGHBOURS]).count() == len(wanted) + len(NEIGHBOURS):
        return False
    seats = seats_of(today)
    with transaction.atomic():
        _open({code: seats[ROLE[code].level[0]] for code in wanted}, today, say, "乡镇、学校、村")
        _open_neighbours(neighbours(seats["school"]), today)
    return True


def _open(seats, today, say, label):
    have = set(User.objects.filter(username__in=seats).values_list("username", flat=True))
    missing = [code for code in seats if code not in have]
    for code in missing:
        with transaction.atomic():
            _open_one(code, code, NAMES[code], [seats[code]], today)
    if missing:
        say(f"  · {label} {len(missing)} 个账号")
    return bool(missing)


def _open_one(username, role, name, nodes, today):
    by = None if username == FIRST else User.objects.get(username=FIRST)
    user = accounts.open_account(
        username=username, name=name, password=DEMO_PASSWORD, by=by, post=POSTS.get(role, ""), must_change_password=False
    )
    for node in nodes:
        accounts.grant_role(user=user, role=role, organization=node, since=today, by=by)
    return user


def _open_neighbours(schools, today):
    """Clerk and principal of the schools around; the demo principal leads the first of them as well (兼)."""
    for username, (role, name) in NEIGHBOURS.items():
        _open_one(username, role, name, schools if role == "school_clerk" else schools[1:], today)
    first = User.objects.get(username=FIRST)
    accounts.grant_role(user=User.objects.get(username="principal"), role="principal", organization=schools[0], since=today, by=first)


def seats_of(today):
    """{kind of node: the one where the demo people sit}: a school with many pupils, and that of its classes and villages which share the
    most children of an age to leave school, so that teacher and village have cases in common."""
    school = _main_school()
    township = SchoolProfile.objects.get(school=school).township
    class_node, village = _class_and_village(school, township, today)
    group = Organization.objects.get(pk=school.parent_id)
    return {"school": school, "class": class_node, "village": village, "township": township, "education_group": group}


def leaving_age(children, today):
    """Those of 11 to 14 whose number is in order: at that age they leave most often."""
    return children.filter(birth_on__range=detection.births(POINT, 11, 14, today), number_state="valid")


def _class_and_village(school, township, today):
    pupils = Enrolment.objects.filter(kind="attending", until=None, school=school, child__in=leaving_age(Child.objects.here(), today))
    classes = dict(pupils.exclude(class_node=None).values_list("child", "class_node"))
    registered = Registration.objects.filter(until=None, counts=True, child__in=list(classes), household__village__parent=township)
    shared = Counter((classes[child], village) for child, village in registered.values_list("child", "household__village"))
    class_node, village = max(shared, key=lambda pair: (shared[pair], pair))
    return Organization.objects.get(pk=class_node), Organization.objects.get(pk=village)


def _main_school():
    """The largest school of the education group with the most compulsory schools."""
    schools = compulsory_schools()
    groups = Counter(schools.values_list("parent", flat=True))
    busiest = max(groups, key=lambda pk: (groups[pk], -pk))
    counted = schools.filter(parent=busiest).annotate(size=Count("enrolments", distinct=True))
    return counted.order_by("-size", "pk")[0]


def compulsory_schools():
    found = Organization.objects.filter(kind="school", parent__kind="education_group", sections__stage__in=COMPULSORY_STAGES)
    return Organization.objects.filter(pk__in=found.values("pk"))


def neighbours(school):
    """The other compulsory schools of the same education group, at most four."""
    return list(compulsory_schools().filter(parent=school.parent_id).exclude(pk=school.pk).order_by("code")[:4])
