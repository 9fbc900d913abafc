from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheets import ImpossibleDate, parse_date, read_date


@pytest.mark.parametrize(
    "text",
    [
        "2012-09-01", "2012.9.1", "2012/9/1", "20120901", "2012年9月1日", "2012年9月1号", "2012。9、1", "２０１２．９．１", "41153",
        "41153.0",
        "2012-09-01 00:00:00", "2012-09-01T08:30:00", "2012年9月1日 8:30", " 2012 9 1 ", "'2012-9-1", "二〇一二年九月一日", "2012\\9\\1",
    ],
)  # fmt: skip
def test_the_forms_people_type(text):
    assert parse_date(text) == date(2012, 9, 1)


@pytest.mark.parametrize("text", ["2009-02-30", "20090230", "2009年2月30日", "2012-13-01", "20120001", "1212-01-01", "2009.2.29"])
def test_a_day_that_does_not_exist_is_said_to(text):
    with pytest.raises(ImpossibleDate, match="这一天不存在"):
        parse_date(text)


@pytest.mark.parametrize("text", ["2012-09", "201209", "2012年9月", "二〇一二年九月", "2012.9"])
def test_a_month_is_no_day_but_is_known(text):
    reading = read_date(text)
    assert (reading.date, reading.problem, reading.month) == (None, "month_only", (2012, 9))
    assert "没有日" in reading.sentence
    assert parse_date(text) is None


@pytest.mark.parametrize("text", ["王小", "12/9/1", "1/9/2012", "2012", "9999", "2012-9-1-3", "无"])
def test_what_is_no_date_is_not_guessed(text):
    assert read_date(text).problem == "unreadable"
    assert parse_date(text) is None


@pytest.mark.parametrize("text", ["", "  ", None, "\u3000"])
def test_nothing_is_nothing(text):
    assert read_date(text).problem == "empty"


FORMS = ["%Y-%m-%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y/%m/%d"]


@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)), form=st.sampled_from(FORMS))
def test_every_day_in_every_form(day, form):
    assert parse_date(day.strftime(form)) == day


@given(day=st.dates(date(1930, 1, 1), date(2100, 12, 31)))
def test_every_serial(day):
    assert parse_date(str((day - date(1899, 12, 30)).days)) == day


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader(text):
    reading = read_date(text)
    assert (reading.date is None) == bool(reading.problem)
    assert (reading.sentence == "") == (reading.problem == "")
