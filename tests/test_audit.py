"""Every write and every sensitive read leaves an audit row in the act's own transaction; a rolled-back act leaves none.

Writes are watched in every test of the suite (tests/audited.py); tests/proof/test_audit_coverage.py shows that each route was among them.
Here: each page of the access table that shows a child is recorded, and nothing is recorded of a view that fails.
"""

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from config.celery import app
from core import audit
from core.actions import sealing
from core.models import AuditEntry, Parameter
from students.models import Child
from tests import audited, cast
from tests.archives.world import with_sections
from tests.test_access import ROUTES, url_of

MASKED_LIST = "a list within scope with its numbers masked; the page behind each line is recorded, and so is its export"
LISTS = {
    "dropout:absence_list": MASKED_LIST,
    "dropout:case_list": MASKED_LIST,
    "dropout:suspect_list": MASKED_LIST,
    "dropout:indicator_names": MASKED_LIST,
    "students:child_list": MASKED_LIST,
    "students:comparison_names": MASKED_LIST,
    "students:found_list": MASKED_LIST,
    "students:household_list": MASKED_LIST,
    "students:match_list": MASKED_LIST,
    "students:naming_list": MASKED_LIST,
    "students:roll_change_list": MASKED_LIST,
    "students:status_names": MASKED_LIST,
    "students:attendance_class": "the register of a class, read by those who keep it each half-day: names and marks, no number",
    "students:class_mark": "the same register, to be filled in",
    "students:school_mark": "the same register, to be filled in",
    "core:audit_list": "the audit itself",
    "core:change_list": MASKED_LIST,
    "students:snapshot_detail": "a list under review: refused rows and changes, numbers masked; receiving it, reading it and"
    " approving it are recorded",
}
READERS = ("bureau_admin", "dropout_officer", "roll_officer", "principal", "class_teacher", "school_clerk", "township_officer",
    "system_admin")
PERSONS = {"students.child", "students.household"}
ABOUT = {  # recorded under what the person is part of
    "archives.report": "the names behind a figure of a report",
    "students.standingproposal": "a batch of reasons and its proof",
    "students.accountversion": "a frozen account",
}
BY_COUNT = {  # recorded with how many, since they show whole lists
    "students:absentee_list", "students:arrival_count", "students:guardian_call_list", "students:unplaced_list", "students:unplaced_export",
}  # fmt: skip
pages = pytest.mark.parametrize("name", sorted(name for name, rule in ROUTES.items() if "get" in rule.methods))


def walk(callbacks=None, resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from walk(resolver=pattern)
        else:
            yield pattern.callback


def test_no_view_is_outside_its_transaction():
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is True
    views = list(walk())
    assert len(views) > 150
    assert [view.__name__ for view in views if getattr(view, "_non_atomic_requests", None)] == []


@pytest.fixture(autouse=True)
def paper_is_its_own_text(monkeypatch, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    for place in ("core.documents", "archives.reports.paper"):
        monkeypatch.setattr(f"{place}.render_pdf", lambda html, **named: str(html).encode())


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """One cast for the module, in a transaction that is rolled back at its end; each test has its savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield cast.build()
        transaction.set_rollback(True)


def read(house, name):
    """(names of the house's persons on the page, audit rows) for the first of the readers to whom it shows any."""
    rule, known = ROUTES[name], [*(child.name for child in vars(house.children).values()), house.households.own.head_name]
    url, answer = url_of(name, rule.own(house) if rule.own else {}, rule), ([], [])
    for who in READERS:
        client, last = Client(), AuditEntry.objects.first()
        client.force_login(house.people[who])
        response = client.get(url)
        body = (b"".join(response.streaming_content) if response.streaming else response.content).decode("utf-8", "replace")
        if response.status_code == 200:
            rows = AuditEntry.objects.filter(pk__gt=last.pk if last else 0, outcome="seen")
            answer = [text for text in known if text in body], list(rows)
            if answer[0]:
                break
    return answer


@pytest.mark.django_db
class TestReads:
    @pages
    def test_a_page_that_shows_a_person_is_recorded(self, house, name):
        shown, rows = read(house, name)
        if not shown:
            return
        if name in LISTS:
            assert rows == [], f"{name} is recorded: take it off the list"
            return
        kinds = {row.subject_kind for row in rows}
        assert kinds & (PERSONS | set(ABOUT)) or name in BY_COUNT and rows, f"{name} shows {shown} and recorded {kinds or 'nothing'}"

    @pages
    @pytest.mark.expects_errors
    def test_a_page_that_failed_is_not(self, house, name, monkeypatch):
        audited.fail_at_the_end(monkeypatch, methods=("GET",))
        rule, client = ROUTES[name], Client(raise_request_exception=False)
        url = url_of(name, rule.own(house) if rule.own else {}, rule)
        client.force_login(house.people["bureau_admin"])
        before = AuditEntry.objects.exclude(outcome="refused").count()
        assert client.get(url).status_code in (403, 404, 500)
        assert AuditEntry.objects.exclude(outcome="refused").count() == before

    def test_the_pages_that_show_a_person_are_many(self, house):
        """So that the test above cannot pass by showing nothing."""
        assert sum(bool(read(house, name)[0]) for name in ("archives:child_detail", "dropout:case_detail",
            "students:household_detail")) == 3


@pytest.mark.django_db
class TestTasks:
    """What the clock starts: each leaves a row where it writes, or writes nothing."""

    @pytest.mark.parametrize("name", sorted({line["task"] for line in settings.CELERY_BEAT_SCHEDULE.values()}))
    def test_a_task_of_the_clock(self, house, name):
        with_sections(house)
        with audited.watched(f"task {name}"):
            app.tasks[name]()


@pytest.mark.django_db
class TestWatch:
    """The negative control: the watch sees what it is there to see."""

    def write(self):
        Parameter.objects.create(name="x", since=timezone.localdate(), value=1)

    def test_a_write_without_its_row(self):
        with pytest.raises(audited.Unrecorded, match="core_parameter"), audited.watched("act"):
            self.write()

    def test_a_raw_one(self, house):
        with pytest.raises(audited.Unrecorded, match="students_child"), audited.watched("act"), connection.cursor() as cursor:
            cursor.execute("update students_child set sex = '2' where id = %s", [house.children.own.pk])

    def test_with_its_row(self):
        with audited.watched("act"):
            self.write()
            audit.record("parameter_set", by=None)

    def test_what_a_savepoint_took_back(self, house):
        with audited.watched("act"), transaction.atomic(), transaction.atomic():
            Child.objects.filter(pk=house.children.own.pk).update(sex="2")
            transaction.set_rollback(True)

    def test_a_row_that_was_taken_back_is_no_row(self):
        with pytest.raises(audited.Unrecorded), audited.watched("act"):
            self.write()
            with transaction.atomic():
                audit.record("parameter_set", by=None)
                transaction.set_rollback(True)

    @pytest.mark.expects_errors
    def test_a_request(self, client, house, monkeypatch):
        """The same through a page: signing out without its row."""
        client.force_login(house.people["principal"])
        monkeypatch.setattr("core.views.sessions.audit.record", lambda *arguments, **named: self.write())
        with pytest.raises(audited.Unrecorded, match="core:sign_out"):
            client.post("/sign-out/")


@pytest.mark.django_db
class TestPapers:
    """Every paper carries the audit's newest head, an anchor outside the database."""

    def test_all_papers_stand_on_the_one_base(self):
        papers = [path for path in (settings.BASE_DIR / "templates").rglob("print/*.html") if not path.name.startswith("_")]
        others = [path for path in papers if path.name != "base.html"]
        assert len(others) >= 7
        assert [path.name for path in others if not path.read_text(encoding="utf-8").startswith('{% extends "print/base.html" %}')] == []

    def test_nothing_is_rendered_but_papers(self):
        """Whatever becomes a PDF is drawn from a template of a folder print/."""
        sources = [path for app in ("students", "dropout", "archives") for path in (settings.BASE_DIR / app).rglob("*.py")]
        drawing = [path for path in sources if "render_pdf(" in path.read_text(encoding="utf-8")]
        assert len(drawing) >= 4
        assert [path.name for path in drawing if "print/" not in path.read_text(encoding="utf-8")] == []

    def test_the_base_prints_it(self):
        assert "审计锚" not in render_to_string("print/base.html", {"title": "空白"})
        audit.record("parameter_set", by=None)
        sealing.seal_entries(timezone.now())
        assert f"：{sealing.newest_head().anchor}" in render_to_string("print/base.html", {"title": "空白"})
