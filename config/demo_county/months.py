"""Monthly reports of the demo county: the period before is done, the last one waits at each desk for somebody."""

from datetime import timedelta

from django.db import transaction

from archives.actions import filing, making, obligations, signing
from archives.actions.moves import locked
from archives.assembly.periods import closed_period, span_of
from archives.models import Report, ReportObligation
from config.demo_county.people import neighbours
from core.models import RoleGrant, User

TEXTS = {
    "1": "成立控辍保学工作领导小组，校长任组长，班级、年级、学校三级包保，责任书已签到人。",
    "2": "每天早读点名、每周汇总；两天未到校的当天电话家访，三天未到校的入户并报乡镇。",
    "3": "辍学报告、登记、劝返制度上墙；本月走访均有记录，返校学生安排了帮扶教师。",
    "4": "学区内适龄儿童入学台账与户籍、学籍逐人核对，随迁、留守、残疾儿童单列。",
    "5": "计划脱贫退出户适龄子女全部在校，无因贫辍学。",
}


def make_all(today, say):
    """Both periods in one transaction, unless there is a report already."""
    if Report.objects.exists():
        return False
    with transaction.atomic():
        Months(today).make()
    say(f"  · {Report.objects.count()} 份月报")
    return True


class Months:
    """The steps of a report, each by the person of the school."""

    def __init__(self, today):
        self.today = today
        self.people = {user.username: user for user in User.objects.all()}
        self.school = RoleGrant.objects.select_related("organization").get(user=self.people["school_clerk"]).organization
        self.schools = [self.school, *neighbours(self.school)]

    def make(self):
        """The demo school's report waits for its clerk; those around wait for principal, education group, bureau, and one comes on
        paper.
        """
        closed = closed_period(self.today)
        before = closed_period(span_of(closed).starts_after + timedelta(days=1))
        done_on = span_of(before).due_on
        for school in self.schools[:4]:
            making.make(period=before, on=done_on, organization=school, by=self.people["bureau_admin"])
            self.accepted_by_bureau(self.report(before, school), done_on)
        if len(self.schools) > 4:
            obligation = ReportObligation.objects.get(organization=self.schools[4], until=None)
            obligations.set_mode(obligation=obligation, mode="paper", by=self.people["dropout_officer"])
        making.make(period=closed, on=self.today, by=self.people["bureau_admin"])
        steps = (self.filed, self.signed, self.accepted_by_group, self.printed)
        for school, step in zip(self.schools[1:], steps, strict=False):
            step(self.report(closed, school), self.today)

    def report(self, period, school):
        return Report.objects.of_period(period).newest().get(organization=school)

    def own(self, report, role):
        """The person who acts for the report's school in that role."""
        held = RoleGrant.objects.filter(role=role, organization=report.organization).order_by("pk").first()
        return held.user

    def filed(self, report, on):
        clerk = self.own(report, "school_clerk")
        report = filing.save_texts(report=report, texts=TEXTS, revision=report.revision, by=clerk)
        return filing.file(report=report, shown=filing.figures_now(report), by=clerk, on=on)

    def printed(self, report, on):
        """On paper: the education group prints the sheet for the school that has no network."""
        return filing.file(report=locked(report), shown=filing.figures_now(report), by=self.people["group_head"], on=on)

    def signed(self, report, on):
        report = self.filed(report, on)
        return signing.sign(report=report, sha256=report.content_sha256, by=self.own(report, "principal"), on=on)

    def accepted_by_group(self, report, on):
        report = self.signed(report, on)
        return signing.accept(report=report, sha256=report.content_sha256, by=self.people["group_head"], on=on)

    def accepted_by_bureau(self, report, on):
        report = self.accepted_by_group(report, on)
        return signing.accept(report=report, sha256=report.content_sha256, by=self.people["dropout_officer"], on=on)
