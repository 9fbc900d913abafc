"""Commands of core: a county is started once, accounts are opened, diagrams follow their tables."""

import io

import pytest
from django.core.management import CommandError, call_command

from core import scope
from core.management.commands import draw_states
from core.models import Organization, User

START = ["start_county", "--code", "990101000000", "--name", "示范县", "--admin", "zhoumin"]


def run(*arguments, typed=None, monkeypatch=None):
    out = io.StringIO()
    if typed is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestStartCounty:
    def test_root_and_first_administrator(self):
        said = run(*START)
        user, county = User.objects.get(), Organization.objects.get()
        assert (county.kind, county.code, county.name, county.path) == ("bureau", "990101000000", "示范县", [county.pk])
        assert scope.may(user, "manage_accounts", county)
        password = said.strip().rpartition("：")[2]
        assert user.check_password(password)
        assert user.must_change_password

    def test_a_password_from_standard_input_is_not_printed(self, monkeypatch):
        said = run(*START, "--password-stdin", typed="青山一道同云雨-明月何曾\n", monkeypatch=monkeypatch)
        assert "青山" not in said
        assert User.objects.get().check_password("青山一道同云雨-明月何曾")
        assert not User.objects.get().must_change_password

    @pytest.mark.parametrize("typed", ["short\n", "not-one-less\n", "123456789012345\n"])
    def test_a_weak_one_is_refused(self, monkeypatch, typed):
        with pytest.raises(CommandError, match="密码不可用"):
            run(*START, "--password-stdin", typed=typed, monkeypatch=monkeypatch)
        assert not Organization.objects.exists()

    def test_there_is_no_second_county(self):
        run(*START)
        with pytest.raises(CommandError, match="已有“示范县”"):
            run("start_county", "--code", "990102000000", "--name", "邻县", "--admin", "other")

    def test_a_code_of_another_form_is_refused(self):
        with pytest.raises(CommandError, match="12 位数字"):
            run("start_county", "--code", "9901", "--name", "示范县", "--admin", "zhoumin")


class TestMakeUser:
    def test_an_account_with_a_role(self, house):
        run("make_user", "li.hua", "李华", "--role", "school_clerk", "--at", "S01")
        assert scope.may(User.objects.get(username="li.hua"), "file_report", house.nodes.school)

    @pytest.mark.parametrize(
        ("role", "at", "sentence"),
        [("school_clerk", "S99", "没有代码"), ("school_clerk", "990101100000", "不能设在"), ("bureau_admin", "S01", "不能设在")],
    )
    def test_what_does_not_fit_leaves_nothing(self, house, role, at, sentence):
        with pytest.raises(CommandError, match=sentence):
            run("make_user", "li.hua", "李华", "--role", role, "--at", at)
        assert not User.objects.filter(username="li.hua").exists()


class TestDrawStates:
    @pytest.fixture
    def folder(self, settings, tmp_path, monkeypatch):
        settings.BASE_DIR = tmp_path
        monkeypatch.setattr(draw_states, "diagrams", lambda: {"light.md": "one"})
        return tmp_path / "docs" / "states"

    def test_drawn_then_equal(self, folder):
        run("draw_states")
        assert (folder / "light.md").read_text() == "one"
        run("draw_states", "--check")

    def test_a_changed_a_missing_and_a_stale_one_are_named(self, folder):
        with pytest.raises(CommandError, match="light"):
            run("draw_states", "--check")
        run("draw_states")
        (folder / "light.md").write_text("two")
        (folder / "gone.md").write_text("old")
        with pytest.raises(CommandError, match=r"gone\.md、light\.md"):
            run("draw_states", "--check")
        run("draw_states")
        assert sorted(path.name for path in folder.iterdir()) == ["light.md"]
