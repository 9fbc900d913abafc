"""What people read has Chinese punctuation: no half-width comma, colon or bracket stands between Chinese characters."""

import ast
import io
import re
import tokenize

import pytest
from django.conf import settings

APPS = ("core", "students", "dropout", "subsidies", "archives", "config")
# words by which lists are read, laws are cited and codes are named stand as others write them; settings name addresses and keys
AS_OTHERS_WRITE = (
    "students/rules/", "students/county/", "students/imports/vocabulary.py", "students/imports/layouts.py", "students/imports/further.py",
    "students/imports/columns.py", "students/imports/catchments.py", "dropout/codes.py", "dropout/workflow.py", "config/environment.py",
    "core/roles.py", "core/models/organization.py", "archives/models/report.py", "students/actions/changes.py", "core/spreadsheets/",
)  # fmt: skip
HAN = "\u3400-\u9fff"
SIGN = re.compile(rf"(?<=[{HAN}”》）])[,;:!?](?=[{HAN}“《（])")
BRACKET = re.compile(rf"(?<=[{HAN}”])\([^()]*\)|\([^()]*[{HAN}][^()]*\)")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
TAG = re.compile(r"\{[%{#].*?[%}#]\}", re.DOTALL)
THERE = "\ue000"  # stands for what is filled in


def breaches(text):
    return [found.group() for found in (SIGN.search(text), BRACKET.search(text)) if found]


def bare(text):
    """The text without its placeholders, one in another included."""
    less = PLACEHOLDER.sub(THERE, text)
    return bare(less) if less != text else text


def sentences(source):
    """(line, text) of the strings of a module that people may read: no docstrings, no SQL, no patterns."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING:
            prefix = re.match(r"[a-zA-Z]*", token.string).group().lower()
            if '"""' not in token.string and "r" not in prefix and "b" not in prefix and not re.match(r"f?\"\('", token.string):
                yield token.start[0], bare(token.string)


def modules():
    found = [path for app in APPS for path in sorted((settings.BASE_DIR / app).rglob("*.py")) if "migrations" not in path.parts]
    return [path for path in found if not str(path.relative_to(settings.BASE_DIR)).startswith(AS_OTHERS_WRITE)]


def unsaid(tree):
    """Lines of sentences on a person's role that stand in no NoRight and in no Forbidden."""
    called = {"NoRight", "Forbidden"}
    said = {
        id(inside)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in called
        for inside in ast.walk(node)
    }
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.lineno for node in strings if node.value.startswith("您的角色") and id(node) not in said]


def test_a_missing_right_is_told_from_a_rule():
    """The page of a refusal and its line in the audit go by the kind of the sentence."""
    wrong = {str(path): lines for path in modules() if (lines := unsaid(ast.parse(path.read_text(encoding="utf-8"))))}
    assert wrong == {}
    assert unsaid(ast.parse('raise Refused("您的角色不能看。")')) == [1]


@pytest.mark.parametrize("app", APPS)
def test_strings_of_the_product(app):
    wrong = [
        f"{path.relative_to(settings.BASE_DIR)}:{line}: {text[:80]}"
        for path in modules()
        if path.relative_to(settings.BASE_DIR).parts[0] == app
        for line, text in sentences(path.read_text(encoding="utf-8"))
        if breaches(text)
    ]
    assert wrong == []


def test_templates():
    wrong = []
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
        text = TAG.sub(THERE, COMMENT.sub("", path.read_text(encoding="utf-8")))
        wrong += [f"{path.relative_to(settings.BASE_DIR)}: {breach}" for breach in breaches(text)]
    assert wrong == []


@pytest.mark.parametrize("text", ["您不能办理,请先登录", "附证明(户口簿)", "状态:已撤销", "（见名单）,不能"])
def test_the_check_sees_it(text):
    assert breaches(text)


@pytest.mark.parametrize("text", ["2020,3", "1:密钥", "您不能办理，请先登录", "照片（JPG、PNG）", "redis://主机"])
def test_the_check_lets_pass(text):
    assert not breaches(text)
