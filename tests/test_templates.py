"""Every page keeps the content security policy, fetches nothing from outside and can be read at all."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.urls import get_resolver

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCREENS = [path for path in TEMPLATES if "print" not in path.relative_to(ROOT / "templates").parts]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))

COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|<!--.*?-->", re.S)
FORBIDDEN = {
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "an on* handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "hx-on or hx-vals with js": re.compile(r"\bhx-on[:=-]|\bhx-va(ls|rs)=['\"]js:", re.I),
}
OUTSIDE = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.I)
# A name in an SVG, not an address anything is fetched from.
NAMESPACE = "http://www.w3.org/2000/svg"
EMPTY_PRAISE = re.compile("操作成功|保存成功|提交成功")
URL_TAG = re.compile(r"{%\s*url\s+['\"]([\w:-]+)['\"]")

# The direction of imports as floors; components, print and base.html belong to all.
FLOORS = {"core": 0, "students": 1, "dropout": 2, "subsidies": 2, "archives": 3, "config": 4}


def read(path):
    return path.read_text(encoding="utf-8")


def markup(path):
    return COMMENT.sub("", read(path))


def name(path):
    return str(path.relative_to(ROOT))


def breaches(text):
    return [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]


FORM = re.compile(r"<form\b.*?</form>", re.S)
TYPED = re.compile(r"<input(?![^>]*type=\"(?:hidden|checkbox|radio|file)\")|_fields?\.html|\|dressed")
PRESSED_BY_ENTER = re.compile(r"<button[^>]*type=\"submit\"[^>]*>")
HARMLESS = ("save", "reject")  # what may be pressed by Enter although the form has other buttons


def pressed_by_enter(form):
    """The first button of a form with typed fields and several buttons: a browser's Enter in a field presses it."""
    buttons = PRESSED_BY_ENTER.findall(form)
    return buttons[0] if len(buttons) > 1 and TYPED.search(form) else ""


@pytest.mark.parametrize("path", SCREENS, ids=name)
def test_enter_in_a_field_decides_nothing(path):
    wrong = [
        button
        for form in FORM.findall(markup(path))
        if (button := pressed_by_enter(form)) and "name=" in button and not any(f'value="{word}"' in button for word in HARMLESS)
    ]
    assert wrong == []


def test_a_button_that_enter_would_press_is_found():
    form = '<form><input name="note"><button type="submit" name="decision" value="approve">同意</button><button type="submit">不同意</button>'
    assert 'value="approve"' in pressed_by_enter(form)
    assert pressed_by_enter(form.replace("<input", '<input type="hidden"')) == ""


def url_names(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from url_names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif entry.name:
            yield prefix + entry.name


def test_there_are_templates_to_look_at():
    assert len(SCREENS) > 20
    assert len(SCRIPTS) >= 4
    assert len(SHEETS) >= 3


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_parses(path):
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", SCREENS, ids=name)
def test_screen_keeps_the_content_security_policy(path):
    assert breaches(markup(path)) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p style="width: 3%">', "a style attribute"),
        ("<style>p {}</style>", "a style element"),
        ("<script>go()</script>", "a script without src"),
        ('<a href="#" onclick="go()">', "an on* handler"),
        ('<a href="javascript:go()">', "a javascript: address"),
        ('<a hx-on:click="go()">', "hx-on or hx-vals with js"),
    ],
)
def test_the_check_sees_each_breach(text, what):
    assert breaches(text) == [what]


@pytest.mark.parametrize("path", TEMPLATES + SCRIPTS + SHEETS, ids=name)
def test_nothing_comes_from_outside(path):
    assert OUTSIDE.findall(read(path).replace(NAMESPACE, "")) == []


@pytest.mark.parametrize("path", TEMPLATES + SCRIPTS, ids=name)
def test_messages_say_what_follows(path):
    assert EMPTY_PRAISE.findall(read(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_url_name_exists(path):
    known = set(url_names(get_resolver(settings.ROOT_URLCONF)))
    assert sorted(set(URL_TAG.findall(markup(path))) - known) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_page_leads_up_to_a_higher_app(path):
    """design.md §1: a template never reverses the URL of a higher app, base.html excepted."""
    home = path.relative_to(ROOT / "templates").parts[0]
    reach = FLOORS.get(home, len(FLOORS))
    led = {target.partition(":")[0] for target in URL_TAG.findall(markup(path)) if ":" in target}
    too_high = {app for app in led if FLOORS.get(app, 0) > reach or {home, app} == {"dropout", "subsidies"}}
    assert too_high == set()


@pytest.mark.parametrize("path", SCREENS, ids=name)
def test_every_post_form_carries_the_token(path):
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", markup(path), re.S | re.I):
        assert "{% csrf_token %}" in form


@pytest.mark.parametrize("path", SCREENS, ids=name)
def test_every_button_says_what_it_is(path):
    for button in re.findall(r"<button\b[^>]*>", markup(path)):
        assert "type=" in button, f"{name(path)}: {button}"


def drawn(source, **context):
    return engines["django"].from_string("{% load look %}" + source).render(context)


def test_errors_need_no_context():
    for code in ("400", "500", "503", "507"):
        assert "一个不少" in get_template(f"{code}.html").render({})


def test_equation_that_balances_says_so():
    parts = [
        {"label": "在校", "figure": 11573, "tone": "in_school", "url": "/a"},
        {"label": "区外", "figure": 212, "tone": "elsewhere", "url": "/b"},
    ]
    page = drawn('{% include "components/_equation.html" with whole="户籍适龄" %}', total=11785, parts=parts)
    assert "✓ 平衡" in page
    assert "11,785 = 11,573 + 212" in page
    assert page.count('href="/a"') == 2


def test_equation_that_does_not_balance_says_by_how_many():
    parts = [{"label": "在校", "figure": 11, "tone": "in_school"}]
    page = drawn('{% include "components/_equation.html" with whole="户籍适龄" %}', total=14, parts=parts)
    assert "✗ 不平衡，各项之和少 3 人" in page
    assert "✓" not in page


def test_title_is_written_once_for_tab_and_heading():
    page = engines["django"].from_string('{% extends "components/bare.html" %}{% block title %}登录{% endblock %}').render({})
    assert "<title>登录 · 一个不少</title>" in page
    assert "<h1>登录</h1>" in page


def test_table_without_rows_says_what_to_do_first():
    page = drawn('{% include "components/_table.html" with empty_title="还没有学生" empty_text="请先导入名单。" %}', columns=[], rows=[])
    assert "还没有学生" in page
    assert "请先导入名单。" in page
    assert "<table" not in page


def test_table_head_in_two_levels():
    columns = [{"label": "学校"}, {"label": "小学", "group": "在校生"}, {"label": "初中", "group": "在校生"}]
    rows = [{"cells": ["一小", 1200, None]}]
    page = drawn('{% include "print/_report_table.html" %}', columns=columns, rows=rows)
    assert '<th colspan="2">在校生</th>' in page
    assert '<th rowspan="2">学校</th>' in page
    assert '<td class="num">1,200</td>' in page
    assert ">—</td>" in page


@pytest.mark.django_db
def test_paper_carries_its_styles_and_its_code():
    page = get_template("print/base.html").render({"title": "月报", "draft": True, "code": "YB-1", "version": 2})
    assert "counter(pages)" in page
    assert 'data-code="编号 YB-1　第 2 版"' in page
    assert "草稿" in page
    assert "草稿" not in get_template("print/base.html").render({"title": "月报"}).split("</style>")[1]
