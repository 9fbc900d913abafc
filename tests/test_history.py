"""History rows have their context: who changed the row, and in which request, job or command (design.md §1)."""

import pghistory.models
import pytest
from django.apps import apps
from django.urls import reverse

from core import audit, file_runs
from core.models import AuditEntry, FileRun
from students.models import Boarding, Child
from tests import make


def tracked():
    return [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]


def sql_of(trigger, event):
    return trigger.compile(event.pgh_tracked_model).install_sql


@pytest.mark.parametrize("event", tracked(), ids=lambda model: model._meta.label)
def test_every_history_has_room_for_its_context(event):
    assert event._meta.get_field("pgh_context").related_model is pghistory.models.Context
    (trigger,) = [trigger for trigger in event.pgh_tracked_model._meta.triggers if event._meta.db_table in sql_of(trigger, event)]
    assert "_pgh_attach_context()" in sql_of(trigger, event)


def last_context(event):
    return event.objects.order_by("-pgh_id").first().pgh_context


def event_of(model):
    return next(event for event in tracked() if event.pgh_tracked_model is model)


@pytest.mark.django_db
class TestWhoAndWhere:
    def test_a_request(self, client, house):
        """A night in the boarding list is ended by the class teacher's form."""
        child, teacher = house.children.own, house.people["class_teacher"]
        make.enrolment(child, house.nodes.school, class_node=house.nodes.class_)
        Boarding.objects.create(child=child, school=house.nodes.school, since=make.LONG_AGO, recorded_by=teacher)
        client.force_login(teacher)
        client.post(reverse("students:boarding_keep", args=[house.nodes.class_.public_id]), {})
        context = last_context(event_of(Boarding))
        entry = AuditEntry.objects.filter(act="boarding_kept").first()
        assert context.metadata == {"user": teacher.pk, "request": entry.request_id}

    def test_a_job(self, house, monkeypatch):
        by = house.people["roll_officer"]
        monkeypatch.setattr(file_runs, "WORKS", {})

        @file_runs.work("rename", label="改名")
        def rename(run):
            Child.objects.filter(pk=house.children.own.pk).update(sex="2")
            audit.record("change_approve", by=by, subject=house.children.own)

        run = FileRun.objects.create(kind="rename", key="rename", requested_by=by)
        assert file_runs.execute(run.pk)
        assert last_context(event_of(Child)).metadata == {"user": by.pk, "run": str(run.public_id)}

    def test_a_command(self, house):
        with pghistory.context(command="import_file"):
            pghistory.context(user=7)
            Child.objects.filter(pk=house.children.own.pk).update(sex="2")
        assert last_context(event_of(Child)).metadata == {"command": "import_file", "user": 7}

    def test_nobody(self, house):
        """The negative control: what no request, job or command did has no context."""
        Child.objects.filter(pk=house.children.own.pk).update(sex="2")
        assert last_context(event_of(Child)) is None
