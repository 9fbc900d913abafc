"""Figures, rates, money and dates as the bureau prints them; where the parts stand on the bar of the account."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError

from core.templatetags import look


@pytest.mark.parametrize(
    ("value", "shown"), [(1234, "1,234"), (0, "0"), (None, "—"), ("", "—"), ("无", "无"), (Decimal("1234.5"), "1,234.5")]
)
def test_figure(value, shown):
    assert look.figure(value) == shown


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (11774, 11785, "99.91%"),
        (1, 8000, "0.01%"),
        (0, 5, "0.00%"),
        (5, 0, "—"),
        (5, None, "—"),
        (None, 5, "—"),
        (7, 7, "100.00%"),
        (1, 80000, "0.00%"),
    ],
)
def test_rate_rounds_half_up_and_never_divides_by_zero(numerator, denominator, shown):
    assert look.rate(numerator, denominator) == shown


def test_rate_half_goes_up():
    assert look.rate(10005, 100000) == "10.01%"  # 10.005: half to even would print 10.00%


@pytest.mark.parametrize(("fen", "shown"), [(31250, "312.50"), (0, "0.00"), (1, "0.01"), (123456789, "1,234,567.89"), (None, "—")])
def test_yuan(fen, shown):
    assert look.yuan(fen) == shown


@pytest.mark.parametrize(("fen", "shown"), [(43480000, "43.48"), (100000000, "100"), (0, "0"), (31250, "0.03125"), (None, "—")])
def test_wanyuan_has_as_many_decimals_as_the_figure(fen, shown):
    assert look.wanyuan(fen) == shown


def test_dates_are_the_county_s():
    assert look.cn_date(date(2020, 6, 4)) == "2020年6月4日"
    assert look.cn_date(datetime(2020, 6, 3, 17, 0, tzinfo=UTC)) == "2020年6月4日"
    assert look.cn_date(None) == "—"
    assert look.weekday(date(2020, 3, 16)) == "星期一"


@pytest.mark.parametrize(
    ("value", "shown"), [("990101200704150018", "9****************8"), ("12", "1*"), ("1", "1"), ("", "—"), (None, "—")]
)
def test_masked_keeps_first_and_last(value, shown):
    assert look.masked(value) == shown


def bar(*figures):
    return look.equation(sum(figures), [{"label": "在校", "figure": number, "tone": "in_school"} for number in figures])


def test_equation_fills_the_bar_and_shows_even_one_child():
    drawn = bar(11573, 67, 1, 0)
    widths = [float(part["width"].rstrip("%")) for part in drawn["segments"]]
    assert len(widths) == 3
    assert min(widths) == look.LEAST_SHARE
    assert sum(widths) == pytest.approx(100, abs=0.01)
    assert widths[0] > 90


def test_equation_without_anybody_draws_nothing():
    drawn = bar(0, 0)
    assert drawn["segments"] == []
    assert drawn["balanced"]


def test_equation_names_the_difference():
    drawn = look.equation(12, [{"label": "在校", "figure": 15, "tone": "in_school"}])
    assert (drawn["balanced"], drawn["difference"], drawn["apart"]) == (False, 3, 3)


def test_text_is_shown_only_where_it_fits():
    wide, narrow = bar(11573, 67)["segments"]
    assert wide["shows"] == "d-full t-full p-full"
    assert "p-none" in narrow["shows"]


class Sample(forms.Form):
    reply = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "同意返校")])
    met = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=[("a", "父亲")])
    sure = forms.BooleanField()
    school = forms.ChoiceField(choices=[("a", "一小")])
    talk = forms.CharField(widget=forms.Textarea)
    scan = forms.FileField()
    key = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField()


def test_kind_of_each_field():
    assert [look.kind(field) for field in Sample()] == ["choices", "choices", "check", "select", "textarea", "file", "hidden", "text"]


def test_wrong_field_is_dressed_as_wrong():
    assert 'class="form-control"' in look.dressed(Sample()["name"])
    assert 'class="form-control is-invalid"' in look.dressed(Sample({})["name"])


def test_pages_offered_have_gaps():
    page = Paginator(range(1000), 10).page(50)
    assert list(look.page_numbers(page)) == [1, "…", 48, 49, 50, 51, 52, "…", 100]


def test_progress_is_never_more_than_all():
    assert [look.percent_of(done, total) for done, total in ((0, 0), (1, 3), (5, 4), (None, 9))] == [0, 33, 100, 0]


def test_missing_style_sheet_is_named():
    with pytest.raises(TemplateSyntaxError, match="css/none.css"):
        look.stylesheet("css/none.css")


def test_cells_are_escaped_and_may_wrap_or_not():
    drawn = look.cells([{"text": "<b>王&李</b>", "wraps": False}, {"text": "东关镇“第一”小学", "wraps": True}])
    assert drawn == '<td class="nowrap">&lt;b&gt;王&amp;李&lt;/b&gt;</td><td>东关镇“第一”小学</td>'
