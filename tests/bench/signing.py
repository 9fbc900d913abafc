"""The month's end: every principal signs in, opens the report, checks it and signs, within a minute, against the product's own server.

`signing()` wants a home in which the county stands (NOL_HOME), makes accounts and reports where there are none, starts `manage.py serve
web` and sends principals evenly over the window. Passwords are hashed as in production: twice for each principal, at the door and under
the report.
"""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "一把很长的测试钥匙-8"
LONG_AGO, DAY = date(2019, 9, 1), timedelta(days=1)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
SHA256 = re.compile(r'name="sha256" value="([0-9a-f]{64})"')
WANTED = 357  # signatures; a county has fewer schools that owe the report, its principals then sign two months
WINDOW, AT_ONCE = 60, 64  # seconds over which they come; how many browsers wait at the same time at most
TEXTS = {str(number): "已落实" for number in range(1, 6)}


def signing(window=WINDOW, most=WANTED):
    """Rows for the bench's table: the whole, the p95 of a request, and one password."""
    principals = prepared(most)
    port = free_port()
    server = started(port)
    try:
        begun = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            visits = [
                crowd.submit(visit, port, begun + window * number / len(principals), *who) for number, who in enumerate(principals)
            ]
            answers = [answer for one in visits for answer in one.result()]
        lasted = time.monotonic() - begun
    finally:
        server.terminate()
        server.wait(60)
    return rows(principals, answers, lasted, window)


def rows(principals, answers, lasted, window):
    times, wrong = sorted(seconds for _, seconds, _ in answers), [step for step, _, right in answers if not right]
    slowest = {step: max(seconds for name, seconds, _ in answers if name == step) for step, _, _ in answers}
    note = f" ({len(principals)} principals in {window} s, {len(answers)} requests, {len(wrong)} errors {sorted(set(wrong)) or ''})"
    return [
        {"what": "sign in, open, check, sign: all of them", "seconds": lasted, "note": note},
        {"what": "… a request, median", "seconds": times[len(times) // 2]},
        {"what": "… a request, p95", "seconds": times[int(len(times) * 0.95)]},
        {"what": "… the slowest", "seconds": times[-1], "note": f" ({max(slowest, key=slowest.get)})"},
        {"what": "… one password hashed, alone", "seconds": one_password()},
    ]


def prepared(most):
    """[(username, address of the report)] of every school's principal, its report filed and waiting for the signature."""
    import django

    django.setup()
    from django.utils import timezone

    from archives.actions import filing, making
    from archives.assembly.periods import closed_period, span_of
    from archives.models import Report

    today = timezone.localdate()
    closed = closed_period(today)
    waiting = []
    for period in (closed, closed_period(span_of(closed).starts_after + DAY)):
        making.make(period=period, on=today)
        found = Report.objects.of_period(period).newest().select_related("organization", "group")
        for report in found.filter(state__in=["draft", "filed"]).order_by("pk")[: most - len(waiting)]:
            clerk, principal = people_of(report.organization)
            if report.state == "draft":
                report = filing.save_texts(report=report, texts=TEXTS, revision=report.revision, by=clerk)
                filing.file(report=report, shown=filing.figures_now(report), by=clerk, on=today)
            waiting.append((principal.username, f"/reports/{report.public_id}/"))
    return waiting


def people_of(school):
    """The school's clerk and principal of the bench, made once."""
    from django.contrib.auth.hashers import make_password

    from core.actions.accounts import grant_role
    from core.models import User

    made = []
    for role in ("school_clerk", "principal"):
        user, is_new = User.objects.get_or_create(username=f"bench-{role}-{school.pk}", defaults={"name": f"{school.name}{role}"})
        if is_new:
            user.password = make_password(PASSWORD)
            user.must_change_password = False
            user.save()
            grant_role(user=user, role=role, organization=school, since=LONG_AGO, by=None)
        made.append(user)
    return made


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(port):
    """The product's server, answering."""
    log = Path(os.environ["NOL_HOME"]) / "signing.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "web"], cwd=ROOT, stdout=output, stderr=output, env=os.environ | {"NOL_PORT": str(port)}
        )
    for _ in range(240):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return server
        except OSError:
            time.sleep(0.5)
            if server.poll() is not None:
                break
    server.terminate()
    raise SystemExit(f"the server did not start, see {log}")


class Browser:
    """Keeps cookies and the connection, and times every answer."""

    def __init__(self, port):
        self.port, self.cookies, self.answers = port, {}, []
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, step, path, fields=None, right=200):
        """The page; what is not answered as it should be counts as an error of this step."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        begun = time.monotonic()
        try:
            if fields is None:
                self.link.request("GET", path, headers=headers)
            else:
                headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}{path}"}
                self.link.request("POST", path, urlencode(fields), headers)
            answer = self.link.getresponse()
            page = answer.read().decode()
        except OSError as error:
            self.link.close()
            self.answers.append((f"{step}: {error}", time.monotonic() - begun, False))
            return ""
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                held, _, content = value.split(";")[0].partition("=")
                self.cookies[held] = content
        self.answers.append((step, time.monotonic() - begun, answer.status == right))
        return page


def visit(port, at, username, report):
    """What one principal does; [(step, seconds, whether it was answered rightly)]."""
    time.sleep(max(0, at - time.monotonic()))
    browser = Browser(port)
    token = found(TOKEN, browser.ask("door", "/sign-in/"))
    browser.ask("sign in", "/sign-in/", {"csrfmiddlewaretoken": token, "username": username, "password": PASSWORD}, 302)
    browser.ask("today", "/")
    browser.ask("open", report)
    page = browser.ask("check", f"{report}sign/")
    fields = {"csrfmiddlewaretoken": found(TOKEN, page), "sha256": found(SHA256, page), "password": PASSWORD}
    browser.ask("sign", f"{report}sign/", fields, 302)
    browser.link.close()
    return browser.answers


def found(pattern, page):
    match = pattern.search(page)
    return match[1] if match else ""


def one_password():
    from django.contrib.auth.hashers import check_password, make_password

    kept = make_password(PASSWORD)
    begun = time.monotonic()
    for _ in range(5):
        check_password(PASSWORD, kept)
    return (time.monotonic() - begun) / 5
