"""What is asked of a county that stands: the account, lists and searches, reports and exports."""

import statistics
import time
from datetime import date
from functools import partial

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from archives.actions.making import make
from core.actions import accounts
from core.models import Organization, User
from students import detection, statuses
from students.actions import keeping
from students.models import Child
from students.reports.children import CHILD_COLUMNS, write_children

ON = date(2020, 3, 1)
ROUNDS, FEWEST, PATIENCE = 40, 3, 10  # requests of a page; a slow page is asked less often, ten seconds are enough
ANTI_JOIN = """
select count(*) from students_registration r where r.until is null and r.counts and not exists (
    select 1 from students_enrolment e where e.child_id = r.child_id and e.kind = 'roll' and e.until is null and e.counts)
"""


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def comparing():
    """The account of 6–15 in both modes and every child's status, beside the bare anti-join of register and roll."""
    base = min(seconds(anti_join) for _ in range(3))
    for mode in ("point", "school_year"):
        taken = seconds(partial(detection.account, on=ON, low=6, high=15, mode=mode))
        yield {"what": f"account of 6–15, {mode}", "seconds": taken, "baseline": "bare anti-join", "base": base}
    taken = seconds(lambda: statuses.counted(statuses.Ask(ON, 6, 15, "point")))
    yield {"what": "every child's status", "seconds": taken, "baseline": "bare anti-join", "base": base}


def anti_join():
    with connection.cursor() as cursor:
        cursor.execute(ANTI_JOIN)
        cursor.fetchone()


def pages():
    """Server time of pages at the median and the 95th percentile, as the bureau and as a principal, with their query counts."""
    # a worker does so every two minutes
    yield {"what": "the kept account, made anew", "seconds": seconds(lambda: keeping.refresh(ON))}
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    child = Child.objects.here().exclude(birth_on=None).order_by("-pk").first()
    for who, client in (("bureau", signed_in(User.objects.get(username="admin"))), ("principal", signed_in(principal()))):
        for what, path in addresses(child):
            yield page(f"{what}, {who}", client, path)


def addresses(child):
    return (
        ("list of children", "/students/"), ("list, page 20 by birth", "/students/?page=20&sort=birth"),
        ("search by name", f"/students/?q={child.name}"), ("search by surname", f"/students/?q={child.name[0]}"),
        ("search by part of a name", f"/students/?q={child.name[1:]}"),
        ("search by initials", f"/students/?q={child.pinyin}"),
        ("schools", "/schools/"), ("households", "/households/"), ("suspected", "/suspects/"), ("cases", "/cases/"),
        ("matches", "/matches/"), ("lists", "/lists/"), ("indicators", "/indicators/"),
        ("account", f"/account/?on={ON}&low=6&high=15&mode=point"),
        ("where each child is", f"/account/statuses/?on={ON}&low=6&high=15&mode=point"),
    )  # fmt: skip


def page(what, client, path):
    times = []
    while len(times) < ROUNDS and (len(times) < FEWEST or sum(times) < PATIENCE):
        times.append(seconds(lambda: sound(client.get(path))))
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    ninety_five = statistics.quantiles(times, n=20)[-1]
    note = f" median of {len(times)}, p95 {ninety_five:.3f} s, {len(captured)} queries"
    return {"what": what, "seconds": statistics.median(times), "note": note}


def sound(answer):
    if answer.status_code not in (200, 403, 404):
        raise SystemExit(f"{answer.request['PATH_INFO']} answered {answer.status_code}")
    if hasattr(answer, "streaming_content"):
        list(answer.streaming_content)


def principal():
    """The principal of the school with the most children, made once."""
    user = User.objects.filter(username="bench-principal").first()
    if user is None:
        school = Organization.objects.filter(kind=Organization.Kind.SCHOOL).order_by("code").first()
        by = User.objects.get(username="admin")
        user = accounts.open_account(username="bench-principal", name="校长", password="bench-not-one-less", by=by)  # noqa: S106
        accounts.grant_role(user=user, role="principal", organization=school, since=ON, by=by)
    return user


def signed_in(user):
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    client.force_login(user)
    return client


def papers(folder):
    """The month's reports of all schools, and the county's whole roll as a workbook beside a plain write-only one."""
    yield {"what": "monthly reports of all schools, made", "seconds": seconds(lambda: make(period="2020-03", on=date(2020, 3, 20)))}
    yield {"what": "made again", "seconds": seconds(lambda: make(period="2020-03", on=date(2020, 3, 21)))}
    base = seconds(lambda: plain_workbook(folder / "plain.xlsx"))
    taken = seconds(lambda: whole_list(folder / "list.xlsx"))
    yield {"what": "whole list as a workbook", "seconds": taken, "baseline": "openpyxl write-only", "base": base}


def whole():
    return Child.objects.visible_to(User.objects.get(username="admin"), "see_children")


def whole_list(path):
    with path.open("wb") as stream:
        write_children(stream, children=whole().order_by("pk"), columns=CHILD_COLUMNS, on=ON, shown=False, note="")


def plain_workbook(path):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("plain")
    for _ in range(whole().count()):
        sheet.append(["一二三", "男", "2012-03-01", "汉族", "9*****************1", "示范县第一小学", "三年级", "2班", "在籍", "在校"])
    book.save(path)
