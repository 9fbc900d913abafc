"""Work that failed: who watches over it sees it and has it tried once more; what is refused stays with its person."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core import file_runs
from core.actions import runs
from core.models import AuditEntry, FileRun
from core.worklist import summary
from tests import make

pytestmark = pytest.mark.django_db
LIST = "core:run_list"


@pytest.fixture
def queued(monkeypatch):
    """Ids that were given to the queue."""
    reached = []
    monkeypatch.setattr(file_runs, "publish", reached.append)
    return reached


@pytest.fixture
def failed(house):
    return make.failed_run("one", requested_by=house.people["school_clerk"], organization=house.nodes.school)


def page_of(client, house, role, **query):
    client.force_login(house.people[role])
    return client.get(reverse(LIST), query).content.decode()


class TestPage:
    def test_what_when_whose_and_the_sentence(self, client, house, failed):
        page = page_of(client, house, "system_admin")
        for words in (failed.number, "程序出错", "试过 1 次", house.people["school_clerk"].name, house.nodes.school.name, "再试一次"):
            assert words in page

    def test_nightly_work_is_nobodys(self, client, house):
        make.failed_run("night", trouble="disk", message="磁盘写满了。")
        page = page_of(client, house, "bureau_admin")
        assert "系统定时" in page
        assert "磁盘写满了。" in page

    def test_what_was_refused_is_asked_for(self, client, house, failed):
        refused = make.failed_run("two", trouble="refused", message="东小明的名单不能读。")
        assert refused.number not in page_of(client, house, "bureau_admin")
        assert "东小明的名单不能读" in page_of(client, house, "bureau_admin", trouble="refused")
        page = page_of(client, house, "system_admin", trouble="refused")
        assert refused.number in page
        assert "东小明" not in page

    def test_a_run_that_failed_before_its_trouble_was_kept(self, client, house):
        old = make.failed_run("old", trouble="", message="东小明的名单不能读。")
        page = page_of(client, house, "system_admin")
        assert old.number in page
        assert "东小明" not in page

    def test_found_by_the_number_a_person_reads_out(self, client, house, failed):
        other = make.failed_run("two", trouble="refused")
        page = page_of(client, house, "bureau_admin", number=other.number.upper())
        assert other.number in page
        assert failed.number not in page

    def test_a_number_that_is_none(self, client, house, failed):
        page = page_of(client, house, "bureau_admin", number="xyz")
        assert "编号是 8 位" in page
        assert failed.number in page

    def test_what_waits_works_or_is_done_is_not_here(self, client, house):
        waiting = FileRun.objects.create(kind="probe", key="w")
        done = FileRun.objects.create(kind="probe", key="d")
        FileRun.objects.filter(pk=done.pk).update(state="running")
        FileRun.objects.filter(pk=done.pk).update(state="done", finished_at=timezone.now())
        page = page_of(client, house, "bureau_admin")
        assert waiting.number not in page
        assert done.number not in page

    def test_the_same_number_of_queries_for_more_rows(self, client, house, failed, django_assert_max_num_queries):
        page_of(client, house, "bureau_admin")
        for number in range(20):
            make.failed_run(f"n{number}", requested_by=house.people["school_clerk"], organization=house.nodes.school)
        with django_assert_max_num_queries(20):
            client.get(reverse(LIST))


class TestAgain:
    def post(self, client, house, run, role="system_admin"):
        client.force_login(house.people[role])
        return client.post(reverse("core:run_again", args=[run.public_id]))

    def test_it_waits_anew_in_its_persons_name(self, client, house, failed, queued, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            answer = self.post(client, house, failed)
        failed.refresh_from_db()
        assert (answer.status_code, answer.url) == (302, reverse(LIST))
        assert (failed.state, failed.attempts, failed.message, failed.trouble) == ("waiting", 0, "", "")
        assert failed.requested_by == house.people["school_clerk"]
        assert queued == [failed.pk]
        entry = AuditEntry.objects.get(act="run_queued_again")
        assert (entry.actor_id, entry.subject_id) == (house.people["system_admin"].pk, str(failed.public_id))
        assert entry.organization_id == house.nodes.school.pk

    def test_twice_is_once(self, client, house, failed, queued, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            self.post(client, house, failed)
            answer = self.post(client, house, failed)
        assert "等待中" in str(list(get_messages(answer.wsgi_request))[-1])
        assert (len(queued), AuditEntry.objects.filter(act="run_queued_again").count()) == (1, 1)

    def test_done_after_all(self, house, failed, monkeypatch):
        monkeypatch.setattr(file_runs, "WORKS", {})
        file_runs.work("probe", label="查看")(lambda run: "做完了。")
        runs.again(run=failed, by=house.people["bureau_admin"])
        assert file_runs.execute(failed.pk)
        failed.refresh_from_db()
        assert (failed.state, failed.message) == ("done", "做完了。")

    def test_undone_with_its_transaction(self, house, failed):
        with pytest.raises(KeyError), transaction.atomic():
            runs.again(run=failed, by=house.people["bureau_admin"])
            raise KeyError
        failed.refresh_from_db()
        assert failed.state == "failed"
        assert not AuditEntry.objects.filter(act="run_queued_again").exists()


@pytest.mark.expects_errors
@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (MemoryError(), "memory"),
        (OSError(28, "No space left on device"), "disk"),
        (KeyError("x"), "fault"),
        (file_runs.RunRefused("名单不能读。"), "refused"),
        (file_runs.files.FileLost("文件丢了。"), "stored"),
        (file_runs.SoftTimeLimitExceeded(), "time"),
    ],
)
def test_each_end_is_called_by_its_name(monkeypatch, error, trouble):
    monkeypatch.setattr(file_runs, "WORKS", {})

    @file_runs.work("probe", label="查看")
    def break_off(run):
        raise error

    run = FileRun.objects.create(kind="probe", key="p")
    file_runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.trouble) == ("failed", trouble)


def test_a_trouble_is_only_of_what_failed():
    run = FileRun.objects.create(kind="probe", key="p")
    with pytest.raises(IntegrityError, match="file_run_trouble"), transaction.atomic():
        FileRun.objects.filter(pk=run.pk).update(trouble="fault")


class TestWorkOfToday:
    def test_those_who_watch_are_told(self, house, failed):
        (line,) = summary(house.people["system_admin"], timezone.localdate())
        assert (line.count, line.url) == (1, reverse(LIST))

    def test_nobody_else_is(self, house, failed):
        assert summary(house.people["principal"], timezone.localdate()) == []

    def test_what_is_long_past_is_not_todays(self, house, failed):
        (line,) = summary(house.people["system_admin"], timezone.localdate() + timedelta(days=40))
        assert line.count == 0
