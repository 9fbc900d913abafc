"""Cases of the demo county, one or more in each state, taken there by the people who do it in life; days count back from today.

What is told here was recorded today: the reports count it as 补报 of the period that is running.
"""

from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageDraw

from config.demo_county.people import NAMES, leaving_age
from core.calendar import workdays_between
from core.models import RoleGrant, User
from dropout import actions
from dropout.models import Case
from students import detection
from students.models import Child
from students.reports.account import usual_day
from students.rules.ages import POINT

ABSENT = "连续旷课多日，班主任电话联系家长无果"
COMPARED = "户籍在册，学籍和班级名册里都没有"


def open_all(today, say):
    """All of them in one transaction, unless there is a case already."""
    if Case.objects.exists():
        return False
    with transaction.atomic():
        Story(today).tell()
    say(f"  · {Case.objects.count()} 个个案")
    return True


class Story:
    """The demo people, the children to choose from, and the steps."""

    def __init__(self, today):
        self.today = today
        self.people = {user.username: user for user in User.objects.filter(username__in=NAMES)}
        grants = RoleGrant.objects.filter(user__in=self.people.values()).select_related("organization")
        seats = {grant.role: grant.organization for grant in grants.order_by("-pk")}  # the first grant of a role is the person's own seat
        self.school, township = seats["school_clerk"], seats["township_officer"]
        pupils = Child.objects.here().filter(scope_nodes__contains=[self.school.pk, township.pk])
        self.classmates = self._chosen(pupils.filter(scope_nodes__contains=[seats["class_teacher"].pk, seats["village_liaison"].pk]), 2)
        self.pupils = self._chosen(pupils.exclude(pk__in=[child.pk for child in self.classmates]), 6)
        self.absent = self._suspects(township)

    def _chosen(self, children, count):
        return list(leaving_age(children, self.today).order_by("birth_on", "pk")[:count])

    def _suspects(self, township):
        """Whom the account leaves outside school; the generator plants more of them than are told about here."""
        found = detection.bucket("neither", on=usual_day(self.today), low=6, high=15, mode=POINT)
        return list(found.filter(scope_nodes__contains=[township.pk]).order_by("pk"))

    def day(self, before):
        return self.today - timedelta(days=before)

    def tell(self):
        """Every state once at least; the children of the demo class carry what the class teacher and the village see."""
        pupils = iter([*self.classmates, *self.pupils])
        self.persuaded(next(pupils), visits=2)
        self.persuaded(next(pupils), visits=1)
        self.brought_back(next(pupils), 24, 6)
        self.consolidated(next(pupils), proposing=False)
        self.consolidated(next(pupils), proposing=True)
        self.closed(next(pupils))
        self.confirmed(next(pupils), 2)
        self.opened(next(pupils), 1)
        self.removal(self.absent[0], 4, decided=False)
        self.removal(self.absent[1], 30, decided=True)
        for child in self.absent[2:4]:
            self.opened(child, 1, by="township_officer", source="comparison", why=COMPARED)

    def opened(self, child, before, by="school_clerk", source="absence", why=ABSENT):
        return actions.open_case(child=child, why=why, source=source, on=self.day(before), by=self.people[by])

    def confirmed(self, child, before, cause="learning"):
        case = self.opened(child, before)
        actions.confirm(case=case, cause=cause, on=self.day(before - 1), by=self.people["township_officer"], left_on=self.day(before + 5))
        return case

    def assigned(self, child, before, cause="learning"):
        case = self.confirmed(child, before, cause)
        actions.assign(case=case, rows=self.responsible(), on=self.day(before - 2), by=self.people["township_officer"])
        return case

    def responsible(self):
        """Both lines of responsibility."""
        rows = (
            ("administration", "township", "township_head"), ("administration", "village", "village_liaison"),
            ("education", "school", "principal"), ("education", "teacher", "support_teacher"),
        )  # fmt: skip
        return [self._responsible(line, level, self.people[code]) for line, level, code in rows]

    def _responsible(self, line, level, user):
        return {"line": line, "level": level, "name": user.name, "post": user.post, "phone": "", "user": user}

    def persuaded(self, child, visits):
        """The second visit brought a promise that falls due today; after one visit only, the appointment has passed."""
        case = self.assigned(child, 24, "work" if visits == 1 else "learning")
        said = "家长说孩子不愿读书，想让他去学修车。讲了义务教育法，约定再来。"
        self.visit(case, 20, "class_teacher", "hesitant", said, next_on=self.day(8 if visits > 1 else 2))
        if visits > 1:
            self.visit(case, 8, "village_liaison", "agreed", "孩子愿意回校，担心功课跟不上。学校答应安排补课。", promised_on=self.today)

    def visit(self, case, before, by, reply, notes, **days):
        """By the teacher or the village where the child is theirs, else by the school."""
        person = self.people[by if case.child in self.classmates else "school_clerk"]
        actions.record_visit(
            case=case, by=person, happened_on=self.day(before), officers=f"{person.name}、{self.people['support_teacher'].name}",
            met=["child", "father"], mode="home", place="家中", reply=reply, notes=notes, photos=[picture("走访照片")], **days,
        )  # fmt: skip

    def brought_back(self, child, before, back, cause="learning"):
        case = self.assigned(child, before, cause)
        self.visit(case, before - 4, "village_liaison", "agreed", "父母在外，奶奶同意孩子回校住读。", promised_on=self.day(back))
        actions.record_return(
            case=case, on=self.day(back), by=self.people["township_officer"], school_name=self.school.name, school=self.school,
            brought_by="村文书、班主任", photos=[picture("到校照片")],
        )  # fmt: skip
        return case

    def consolidated(self, child, *, proposing):
        """Back for more than a month. With `proposing` the close-out waits for the bureau; without, attendance is still short."""
        back = 45 if proposing else 14
        case = self.brought_back(child, back + 10, back, "poverty")
        clerk = self.people["school_clerk"]
        actions.consolidate(
            case=case, on=self.day(back - 1), by=clerk, placement="same_grade", school_name=self.school.name,
            support_teacher=self.people["support_teacher"].name, plan="每周两次补课，一名同学结对",
        )  # fmt: skip
        self.attended(case, back - 1, 4)
        if proposing:
            self.propose_close(case, 3)
        return case

    def attended(self, case, first, last):
        wanted = 21 if first > 30 else 5
        days = max(workdays_between(self.day(first + 1), self.day(last)), wanted)
        actions.record_attendance(
            case=case, first_on=self.day(first), last_on=self.day(last), school_days=days, present=days - 1, by=self.people["school_clerk"]
        )

    def propose_close(self, case, before):
        actions.propose_close(
            case=case,
            code="consolidated",
            statement="返校后按时到校，作业完成，家长配合。",
            on=self.day(before),
            by=self.people["principal"],
        )

    def closed(self, child):
        case = self.consolidated(child, proposing=True)
        actions.approve_close(case=case, on=self.day(1), by=self.people["bureau_head"], note="同意销号")

    def removal(self, child, before, *, decided):
        case = self.opened(child, before, by="township_officer", source="comparison", why=COMPARED)
        actions.propose_removal(
            case=case, reason="02", on=self.day(before - 1), by=self.people["township_officer"], statement="随父母在省城就读",
            evidence=[("school_letter", picture("就读证明"))],
        )  # fmt: skip
        if decided:
            actions.approve_removal(case=case, on=self.day(before - 2), by=self.people["dropout_officer"], note="已电话核实")


def picture(name):
    """A plain picture in place of a photo: nobody is on it."""
    image = Image.new("RGB", (480, 320), "#d8e2dc")
    ImageDraw.Draw(image).rectangle((40, 40, 440, 280), outline="#5b7065", width=6)
    out = BytesIO()
    image.save(out, "JPEG")
    return ContentFile(out.getvalue(), name=f"{name}.jpg")
