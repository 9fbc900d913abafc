"""The generic checker: one sentence for the button and for the POST, and the same table in the database's trigger and the diagram."""

from types import SimpleNamespace

import pytest
from django.db import models

from core.workflow import Refused, Transition, Workflow


class Light(models.TextChoices):
    RED = "red", "红灯"
    GREEN = "green", "绿灯"
    OFF = "off", "熄灭"


LIGHT = Workflow(
    name="light",
    states=Light,
    initial="red",
    nodes=lambda light: light.nodes,
    transitions=(
        Transition("go", "放行", ("red",), "green", "sign_report"),
        Transition(
            "stop", "拦停", ("green",), "red", "sign_report",
            missing=lambda light: None if light.reason else "还没有写拦停的原因。", other_than=lambda light: {light.set_by},
        ),
        Transition("end", "熄灯", ("red", "green"), "off", "accept_report_bureau"),
    ),
)  # fmt: skip


@pytest.fixture
def light(house):
    return SimpleNamespace(state="red", nodes=[house.nodes.school], reason="", set_by=None)


class TestWhyNot:
    def test_the_right_person_in_the_right_state_may(self, house, light):
        assert LIGHT.why_not(light, "go", house.people["principal"]) is None
        assert LIGHT.require(light, "go", house.people["principal"]).target == "green"

    def test_a_wrong_state_says_which_is_and_which_would_be_right(self, house, light):
        sentence = LIGHT.why_not(light, "stop", house.people["principal"])
        assert "红灯" in sentence
        assert "绿灯" in sentence

    def test_a_wrong_person_hears_what_is_wanted(self, house, light):
        assert "签字" in LIGHT.why_not(light, "go", house.people["school_clerk"])
        assert "签字" in LIGHT.why_not(light, "go", house.people["foreign_principal"])

    def test_the_second_person_is_another_one(self, house, light):
        light.state, light.set_by, light.reason = "green", house.people["principal"].pk, "有人"
        assert "另一个人" in LIGHT.why_not(light, "stop", house.people["principal"])

    def test_what_is_missing_is_said_last(self, house, light):
        light.state = "green"
        assert LIGHT.why_not(light, "stop", house.people["principal"]) == "还没有写拦停的原因。"
        light.reason = "有人"
        assert LIGHT.why_not(light, "stop", house.people["principal"]) is None

    def test_the_post_is_refused_with_the_buttons_sentence(self, house, light):
        with pytest.raises(Refused) as refused:
            LIGHT.require(light, "end", house.people["principal"])
        assert str(refused.value) == LIGHT.why_not(light, "end", house.people["principal"])

    def test_an_unknown_transition_is_an_error_of_the_programme(self, house, light):
        with pytest.raises(KeyError):
            LIGHT.why_not(light, "fly", house.people["principal"])


class TestButtons:
    def test_only_those_of_the_state_and_the_permission(self, house, light):
        assert [transition.name for transition, _ in LIGHT.open_to(light, house.people["principal"])] == ["go"]
        assert [transition.name for transition, _ in LIGHT.open_to(light, house.people["dropout_officer"])] == ["end"]

    def test_a_disabled_button_knows_why(self, house, light):
        light.state = "green"
        ((transition, sentence),) = LIGHT.open_to(light, house.people["principal"])
        assert (transition.name, sentence) == ("stop", "还没有写拦停的原因。")


class TestSameTableElsewhere:
    def test_the_diagram_has_every_move(self):
        drawn = LIGHT.diagram()
        assert "[*] --> red" in drawn
        assert all(f"{source} --> {move.target}" in drawn for move in LIGHT.transitions for source in move.sources)

    def test_three_triggers_moves_beginning_and_no_delete(self):
        assert [trigger.name for trigger in LIGHT.triggers()] == ["light_moves", "light_initial", "light_no_delete"]
