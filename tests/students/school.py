"""A class with pupils in a school year of its own, for the tests of attendance. Names are invented."""

from datetime import date

from core.models import Term
from students.models import AttendanceMark, ClassMark
from tests import make

MONDAY = date(2026, 9, 21)  # taught; 25 to 27 September 2026 are the mid-autumn holiday
TODAY = date(2026, 9, 30)
FAMILY, GIVEN = "赵钱孙李周吴郑王", "一二三四五六七八九十"


def autumn():
    return Term.objects.get_or_create(key="2026A", defaults={"starts": date(2026, 9, 1), "ends": date(2027, 1, 20)})[0]


def seat(child, node, **facts):
    """The child on the classroom list of the class node."""
    wanted = {"class_node": node, "grade": 3, "class_name": "2班", "since": date(2026, 9, 1), **facts}
    return make.enrolment(child, node.parent, "attending", **wanted)


def pupils(node, count, *, village=None):
    """`count` new children in the class."""
    made = []
    for number in range(count):
        name = f"{FAMILY[number % 8]}{GIVEN[number // 8 % 10]}{GIVEN[number % 10]}"
        places = [(node, "attending"), *([(village, "hukou")] if village else [])]
        child = make.child(name, *places)
        seat(child, node)
        made.append(child)
    return made


def kinds_of(node, on=MONDAY, half="am"):
    mark = ClassMark.objects.get(class_node=node, on=on, half=half)
    return {row.child.name: row.kind for row in AttendanceMark.objects.filter(class_mark=mark).select_related("child")}
