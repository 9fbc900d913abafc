"""What waits for a person among the reports, for the home page; a few queries whatever the number of schools."""

from django.db.models import Count, Min
from django.urls import reverse

from archives.models import Report, ReportObligation
from archives.models.report import period_words
from core.scope import granted_nodes, has_permission
from core.worklist import WorkItem

STEPS = (  # permission, states that wait for it, the act in words, restriction
    ("file_report", ("draft",), "填报月报", {"mode": "system"}),
    ("file_report", ("draft",), "打印纸质月报，签字盖章后交教育组", {"mode": "paper"}),
    ("sign_report", ("filed",), "核对并签字月报", {"mode": "system"}),
    ("accept_report_group", ("signed",), "接收学校月报", {"group__isnull": False}),
    ("tick_paper_report", ("filed",), "登记纸质月报已收", {"mode": "paper", "group__isnull": False}),
    ("accept_report_bureau", ("accepted_group",), "接收教育组报来的月报", {}),
    ("accept_report_bureau", ("signed",), "接收直属学校月报", {"group": None}),
)
RECEIVERS = ("accept_report_group", "accept_report_bureau")


def summary(user, on):
    """Lines of work of `user` on the day `on`; red when a due day has passed."""
    items = [item for step in STEPS if has_permission(user, step[0]) for item in _waiting(user, on, *step)]
    return items + [item for permission in RECEIVERS if has_permission(user, permission) for item in _missing(user, on, permission)]


def _waiting(user, on, permission, states, words, restriction):
    waiting = Report.objects.visible_to(user, permission).filter(state__in=states, ends_on__lt=on, **restriction)
    found = waiting.aggregate(count=Count("pk"), due_on=Min("due_on"))
    if not found["count"]:
        return []
    first = waiting.order_by("due_on", "pk").first()
    one = found["count"] == 1
    url = (
        reverse("archives:report_detail", args=[first.public_id])
        if one
        else f"{reverse('archives:report_list')}?waiting=1&period={first.period}"
    )
    title = f"{words}：{first.organization_name}{period_words(first.period)}" if one else f"{words} {found['count']} 份"
    note = f"退回原因：{first.returned_reason}" if one and first.returned_reason and first.state == "draft" else ""
    return [WorkItem(title, found["count"], url, found["due_on"], "red" if found["due_on"] < on else "amber", note)]


def _missing(user, on, permission):
    """Schools whose report of the newest period has not come: 催报."""
    mine = Report.objects.visible_to(user, permission)
    newest = mine.filter(ends_on__lt=on).order_by("-period").values_list("period", "due_on", "ends_on").first()
    if newest is None:
        return []
    period, due_on, ends_on = newest
    owed = ReportObligation.objects.in_force(ends_on).filter(organization__path__overlap=granted_nodes(user, permission)).count()
    sent = mine.of_period(period).filter(sent_on__isnull=False).values("organization").distinct().count()
    if owed <= sent:
        return []
    url = f"{reverse('archives:report_list')}?period={period}"
    note = f"应报 {owed} 校，已报 {sent} 校"
    return [WorkItem(f"催报{period_words(period)}月报", owed - sent, url, due_on, "red" if due_on < on else "plain", note)]
