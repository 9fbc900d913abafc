"""County settings: within bounds, from a day on, with a reason and a row in the audit."""

from datetime import date

import pytest

from config.parameters import KNOWN, present_values
from core.models import AuditEntry, Parameter

FIELDS = {"name": "counting_day", "value": "15", "since": "2026-03-01", "reason": "县教体局通知"}


@pytest.fixture
def admin(client, house):
    client.force_login(house.people["bureau_admin"])
    return client


def test_a_new_value_counts_from_its_day_on(admin):
    assert admin.post("/parameters/", FIELDS).status_code == 302
    values = [
        {setting.name: value for setting, value in present_values(on)}["counting_day"] for on in (date(2026, 2, 28), date(2026, 3, 1))
    ]
    assert values == [20, 15]
    entry = AuditEntry.objects.get(act="parameter_set")
    assert (entry.reason, entry.detail["value"], entry.detail["former"]) == ("县教体局通知", 15, None)


def test_the_same_day_again_corrects_and_keeps_both_values_in_the_audit(admin):
    admin.post("/parameters/", FIELDS)
    admin.post("/parameters/", {**FIELDS, "value": "18"})
    assert Parameter.objects.get().value == 18
    assert AuditEntry.objects.filter(act="parameter_set").first().detail["former"] == 15


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("value", "32", "1 到 31 之间"), ("value", "2.5", "整数"), ("value", "很多", "数字"), ("reason", "", "请填写“"), ("name", "colour", "")],
)
def test_what_does_not_fit_changes_nothing(admin, field, value, sentence):
    response = admin.post("/parameters/", {**FIELDS, field: value})
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Parameter.objects.exists()


def test_defaults_are_within_their_own_bounds():
    assert all(setting.low <= setting.default <= setting.high for setting in KNOWN.values())
