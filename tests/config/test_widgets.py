"""Lists to choose from are drawn quickly, and as Django draws them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html
from django.utils.safestring import mark_safe

from config.widgets import QuickLists
from core.forms import QuickSelect

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


class Asked(forms.Form):
    reason = forms.CharField(label="更正原因")
    school = forms.ChoiceField(label="学校", choices=CHOICES)
    half = forms.ChoiceField(label="半天", choices=[("am", "上午")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="本人确认")
    file = forms.FileField(label="考勤表")
    own = forms.CharField(label="职务", error_messages={"required": "写明在学校做什么。"})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("reason", "请填写“更正原因”。"), ("school", "请选择“学校”。"), ("half", "请选择“半天”。"), ("agreed", "请选择“本人确认”。"),
        ("file", "请选择“考勤表”的文件。"), ("own", "写明在学校做什么。"),
    ],
)  # fmt: skip
def test_an_empty_field_says_what_to_enter(name, sentence):
    form = Asked({}, {})
    assert [str(one) for one in form[name].errors] == [sentence]
    assert sentence in form.as_p()


@pytest.mark.parametrize("value", [None, "", "a&b", "2", "nobody's"])
def test_a_quick_list_is_what_django_draws(value):
    texts = [choice for choice in CHOICES if not isinstance(choice[0], int)][:2] + CHOICES[-2:]
    assert drawn(QuickSelect(choices=texts), value, QuickLists) == drawn(forms.Select(choices=texts), value, DjangoTemplates)
