"""Audit rows: in the act's own transaction, never changed, seen within scope."""

import pytest
from django.db import DatabaseError, transaction

from core import audit
from core.models import AuditEntry


class TestRows:
    def test_a_row_knows_who_what_where_and_whence(self, house):
        token = audit.origin.set(audit.Origin(request_id="abc", address="10.0.0.7"))
        try:
            entry = audit.record(
                "looked", by=house.people["principal"], subject=house.children.own, organization=house.nodes.school, rows=3
            )
        finally:
            audit.origin.reset(token)
        assert (entry.actor_id, entry.actor_name) == (house.people["principal"].pk, "校长/园长")
        assert (entry.subject_kind, entry.subject_id) == ("students.child", str(house.children.own.public_id))
        assert (entry.request_id, entry.address, entry.detail) == ("abc", "10.0.0.7", {"rows": 3})
        assert entry.number == f"A{entry.pk:08d}"

    def test_the_system_acts_under_its_own_name(self, house):
        assert audit.record("swept", by=None).actor_name == "系统"

    def test_an_act_undone_leaves_no_row(self, house):
        before = AuditEntry.objects.count()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            audit.record("looked", by=None)
            raise ZeroDivisionError
        assert AuditEntry.objects.count() == before

    @pytest.mark.parametrize("change", [lambda rows: rows.update(act="other"), lambda rows: rows.delete()])
    def test_a_row_is_never_changed(self, house, change):
        entry = audit.record("looked", by=None)
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            change(AuditEntry.objects.filter(pk=entry.pk))


class TestScope:
    def test_those_who_watch_the_county_see_all(self, house):
        everything = AuditEntry.objects.count()
        assert everything > 0
        for name in ("auditor", "bureau_admin", "bureau_head", "system_admin"):
            assert AuditEntry.objects.visible_to(house.people[name], "see_audit").count() == everything

    def test_the_others_see_nothing(self, house):
        audit.record("looked", by=None, organization=house.nodes.school)
        for name in ("principal", "township_officer", "expired", "without_role"):
            assert not AuditEntry.objects.visible_to(house.people[name], "see_audit").exists()
