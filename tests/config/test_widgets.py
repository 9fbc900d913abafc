"""Lists to choose from are drawn quickly, and as Django draws them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html
from django.utils.safestring import mark_safe

from config.widgets import QuickLists

CHOICES = [
    ("", "全部"),
    ("a&b", '<b>"一"小学</b>'),
    (None, "未填"),
    (7, mark_safe("<i>七</i>")),
    ("东关镇", [("1", "东关小学"), ("2", "东关'中学")]),
    ("空镇", []),
]


def drawn(widget, value, renderer, **attrs):
    return parse_html(widget.render("school", value, attrs={"id": "id_school"} | attrs, renderer=renderer()))


@pytest.mark.parametrize("value", [None, "", "a&b", 7, "2", "nobody's"])
@pytest.mark.parametrize("attrs", [{}, {"class": "form-select", "required": True, "disabled": False, "title": 'a"<b'}])
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect])
def test_a_list_is_what_django_draws(widget, value, attrs):
    made = widget() if widget is forms.NullBooleanSelect else widget(choices=CHOICES)
    value = [value, "1"] if widget is forms.SelectMultiple and value is not None else value
    assert drawn(made, value, QuickLists, **attrs) == drawn(made, value, DjangoTemplates, **attrs)


def test_the_comparison_tells_lists_apart():
    one, other = forms.Select(choices=CHOICES), forms.Select(choices=CHOICES[1:])
    assert drawn(one, "2", QuickLists) != drawn(one, "1", DjangoTemplates)
    assert drawn(one, "2", QuickLists) != drawn(other, "2", DjangoTemplates)


def test_every_form_of_the_house_is_drawn_so():
    class Chosen(forms.Form):
        school = forms.ChoiceField(choices=CHOICES)

    assert '>全部</option><option value="a&amp;b">&lt;b&gt;' in str(Chosen()["school"])
