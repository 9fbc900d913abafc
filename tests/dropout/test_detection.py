"""When a removal must be checked again, for each reason of domain.md §3.5."""

from datetime import date

import pytest

from dropout.codes import REASONS
from dropout.detection import months_after, removal_expires_on, stage_by_age

ON = date(2020, 3, 4)
EXPECTED = {
    "01": None, "02": date(2020, 8, 31), "03": date(2020, 8, 31), "04": date(2020, 4, 4), "05": None, "06": None, "07": date(2020, 8, 31),
    "08": None, "09": None, "10": date(2020, 8, 31), "11": date(2020, 8, 31), "12": date(2020, 8, 31), "14": date(2020, 8, 31),
    "15": date(2020, 8, 31), "16": date(2020, 8, 31), "17": date(2020, 8, 31), "18": date(2020, 9, 4), "19": date(2020, 8, 31),
    "90": date(2020, 4, 4), "99": date(2020, 8, 31),
}  # fmt: skip


def test_every_reason_is_tried_here():
    assert {reason.code for reason in REASONS} == {*EXPECTED, "13"}


@pytest.mark.parametrize("code", EXPECTED)
def test_last_day(code):
    assert removal_expires_on(code, "", ON) == EXPECTED[code]


def test_a_term_in_autumn_ends_in_the_next_year():
    assert removal_expires_on("02", "", date(2020, 9, 1)) == date(2021, 1, 31)


def test_a_school_year_from_its_first_day():
    assert removal_expires_on("11", "", date(2020, 9, 1)) == date(2021, 8, 31)


def test_what_the_police_corrected_stays_corrected():
    assert removal_expires_on("07", "071", ON) is None
    assert removal_expires_on("07", "072", ON) == date(2020, 8, 31)


def test_a_suspension_ends_seven_days_after_its_last_day():
    assert removal_expires_on("13", "", ON, date(2020, 12, 28)) == date(2021, 1, 4)
    with pytest.raises(ValueError, match="休学截止日期"):
        removal_expires_on("13", "", ON)


@pytest.mark.parametrize(("on", "last"), [(date(2020, 8, 31), date(2020, 8, 31)), (date(2020, 9, 1), date(2021, 8, 31))])
def test_the_cut_off_day_itself_still_counts(on, last):
    assert removal_expires_on("15", "", on) == last


def test_months_of_different_length():
    assert months_after(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert months_after(date(2020, 8, 31), 6) == date(2021, 2, 28)
    assert months_after(date(2020, 12, 31), 1) == date(2021, 1, 31)


@pytest.mark.parametrize(("birth_on", "stage"), [(date(2007, 8, 31), "jun"), (date(2007, 9, 1), "pri"), (None, "")])
def test_stage_by_the_age_on_the_cut_off_day(birth_on, stage):
    assert stage_by_age(birth_on, ON) == stage
