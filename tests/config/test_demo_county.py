"""The demo county: refused outside a demo, whole in one, and nothing more the second time."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from archives.models import Report
from config import demo_county
from config.demo_county import lists, people
from core.models import RoleGrant, User
from core.roles import ROLES
from dropout.codes import CaseState
from dropout.models import Absence, Case
from students.models import Child, RollChange, SourceSnapshot

TODAY = date(2026, 11, 22)


def counts():
    return [model.objects.count() for model in (Child, User, SourceSnapshot, Case, Report)]


def test_it_is_refused_outside_a_demo(settings, db):
    settings.DEMO = False
    with pytest.raises(CommandError, match="不是演示环境"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_it_comes_whole_and_once(db, settings, tmp_path):
    settings.DEMO = True
    said = []
    assert demo_county.seed(today=TODAY, folder=tmp_path, say=said.append)
    assert {role.code for role in ROLES} <= set(User.objects.values_list("username", flat=True))
    assert {*CaseState} == {*Case.objects.values_list("state", flat=True)}
    assert set(Report.objects.values_list("state", flat=True)) == {"draft", "filed", "signed", "accepted_group", "accepted"}
    assert set(SourceSnapshot.objects.values_list("kind", flat=True)) == set(lists.ORDER)
    assert Absence.objects.get().state == "reported"
    officer = RoleGrant.objects.get(user__username="township_officer")
    assert Absence.objects.get().report.township == officer.organization  # or nobody of the demo would find it in an inbox
    assert RollChange.objects.open().count() == 1
    before = counts()
    assert not demo_county.seed(today=TODAY, folder=tmp_path, say=said.append)
    assert counts() == before


@pytest.mark.parametrize(
    ("today", "as_of"),
    [(date(2026, 11, 22), date(2026, 9, 1)), (date(2026, 10, 20), date(2026, 3, 1)), (date(2026, 2, 10), date(2025, 9, 1))],
)
def test_the_lists_are_of_a_term_two_months_old_at_least(today, as_of):
    assert lists.as_of_for(today) == as_of


def test_each_role_has_a_name():
    assert set(people.NAMES) == {role.code for role in ROLES}
    assert len(set(people.NAMES.values())) == len(ROLES)
