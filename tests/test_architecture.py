"""The rules of the house that a reader would otherwise have to check by hand (design.md §1, §8)."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "core", "students", "dropout", "subsidies", "archives")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "process", "handle", "data", "info", "misc"}
FRAMEWORK_CALLS = {"handle"}  # Django's own name for what a command does
MODULE_LINES, FUNCTION_LINES, VIEW_LINES, CORE_MODULES = 400, 40, 20, 16
ENTRY_FILES = {
    "__init__",
    "apps",
    "urls",
    "views",
    "forms",
    "tasks",
    "tables",
    "middleware",
    "management",
    "templatetags",
    "models",
    "migrations",
}
DOMAIN_WORDS = re.compile(r"\b(student|students|dropout|subsid(?:y|ies)|archive|archives)\b", re.IGNORECASE)
ONLY_IMPORTER = {
    "guardian": {"core/scope.py", "core/models/organization.py"},
    "openpyxl": {"core/spreadsheets"},
    "python_calamine": {"core/spreadsheets"},
    "weasyprint": {"core/documents.py", "core/documents"},
    "cryptography": {"core/crypto.py"},
}
LAYERS = {"core": 0, "students": 1, "dropout": 2, "subsidies": 2, "archives": 3, "config": 4}


def sources(*folders):
    for folder in folders or APPS:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path):
    return [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def imported(path):
    """Every module name that the file imports, at its top or inside a function."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def lines_of(node):
    return node.end_lineno - node.lineno + 1


class TestSizes:
    def test_no_module_is_longer_than_it_may_be(self):
        counted = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*APPS, "tests")}
        assert {name: lines for name, lines in counted.items() if lines > MODULE_LINES} == {}

    def test_no_function_is_longer_than_it_may_be(self):
        long = [
            (name_of(path), node.name, lines_of(node)) for path in sources() for node in functions(path) if lines_of(node) > FUNCTION_LINES
        ]
        assert long == []

    def test_a_view_loads_acts_and_answers(self):
        views = [path for path in sources() if "views" in path.with_suffix("").parts]
        assert views
        long = [(name_of(path), node.name, lines_of(node)) for path in views for node in functions(path) if lines_of(node) > VIEW_LINES]
        assert long == []

    def test_core_stays_small(self):
        modules = {path.stem if path.suffix == ".py" else path.name for path in (ROOT / "core").iterdir() if path.name != "__pycache__"}
        assert len(modules - ENTRY_FILES) <= CORE_MODULES, sorted(modules - ENTRY_FILES)


class TestNames:
    def test_no_module_is_called_by_a_word_that_says_nothing(self):
        assert [name_of(path) for path in sources() if path.stem in FORBIDDEN_NAMES] == []

    def test_no_function_is_called_by_a_word_that_says_nothing(self):
        wrong = [
            (name_of(path), node.name) for path in sources() for node in functions(path) if node.name in FORBIDDEN_NAMES - FRAMEWORK_CALLS
        ]
        commands = [
            (name_of(path), node.name)
            for path in sources()
            for node in functions(path)
            if node.name in FRAMEWORK_CALLS and "commands" not in path.parts
        ]
        assert wrong + commands == []

    def test_core_knows_no_domain_word(self):
        found = []
        for path in sources("core"):
            if path.name != "roles.py":
                text = path.read_text(encoding="utf-8").replace("students.rules", "")
                found += [(name_of(path), match[0]) for match in DOMAIN_WORDS.finditer(text)]
        assert found == []


class TestImports:
    @pytest.mark.parametrize("library", sorted(ONLY_IMPORTER))
    def test_one_door_for_each_risky_library(self, library):
        allowed = ONLY_IMPORTER[library]
        importers = {name_of(path) for path in sources() if any(name.split(".")[0] == library for name in imported(path))}
        assert {name for name in importers if not any(name == door or name.startswith(f"{door}/") for door in allowed)} == set()

    def test_nobody_looks_upwards(self):
        upward = []
        for path in sources(*LAYERS):
            own = name_of(path).split("/")[0]
            for name in imported(path):
                other = name.split(".")[0]
                if other in LAYERS and other != own and LAYERS[other] >= LAYERS[own]:
                    upward.append((name_of(path), name))
        assert upward == []

    def test_the_contracts_of_import_linter_hold(self):
        done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]

    def test_the_admin_is_not_installed(self):
        assert [name_of(path) for path in sources() if "django.contrib.admin" in set(imported(path))] == []


class TestRecordsOfAChild:
    """Two records of a child become one by an event that moves every row: each foreign key to Child says how
    (students.actions.following)."""

    def test_every_reference_says_how_it_follows(self):
        from students.actions import following

        found = {f"{model._meta.label}.{field.name}" for model, field in following.references()}
        assert found - set(following.FOLLOWS) == set(), "declare it in students/actions/following.py, or in your AppConfig.ready"
        assert set(following.FOLLOWS) - found == set()


class TestHabits:
    def test_templates_trust_nothing(self):
        """`safe` and `autoescape off` let what people typed into the page as it is."""
        wrong = re.compile(r"\|\s*safe\b|autoescape\s+off")
        allowed = {"templates/components/_field_notes.html"}  # help texts come from our own forms
        found = {name_of(path) for path in (ROOT / "templates").rglob("*.html") if wrong.search(read(path))}
        assert found - allowed == set()

    def test_the_queue_is_reached_by_one_door(self):
        """A run is published after the commit by core.file_runs; a bare .delay() would send work that may be rolled back."""
        wrong = re.compile(r"\.(delay|apply_async)\(")
        doors = {"core/file_runs.py"}
        found = {name_of(path) for path in sources() if wrong.search(read(path)) and path.name != "tasks.py" and "tasks" not in path.parts}
        assert found - doors == set()

    def test_rules_do_not_ask_the_clock(self):
        clock = re.compile(r"\b(timezone\.(now|localdate|localtime)|datetime\.now|date\.today)\(")
        pure = [path for path in sources() if path.stem in {"detection", "eligibility", "assembly", "calendar"} or "rules" in path.parts]
        assert pure
        assert [name_of(path) for path in pure if clock.search(read(path))] == []

    def test_every_view_says_its_methods(self):
        """Without a decorator a GET could write."""
        found = []
        for path in sources():
            if "views" in path.with_suffix("").parts and path.name != "errors.py":
                for node in parsed(path).body:
                    takes_request = isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "request"
                    decorated = takes_request and any("require_" in ast.unparse(line) for line in node.decorator_list)
                    if takes_request and not decorated and (name_of(path), node.name) in routed():
                        found.append((name_of(path), node.name))
        assert found == []


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def routed():
    """(file, function) of every routed view."""
    from django.urls import get_resolver

    def walk(resolver):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern)
            else:
                yield pattern.callback.__module__.replace(".", "/") + ".py", pattern.callback.__name__

    return set(walk(get_resolver()))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("a student came", True), ("the archives app", True), ("the studentship", False), ("an unarchived thing", False)],
)
def test_the_guard_of_words_can_fail(text, wrong):
    assert bool(DOMAIN_WORDS.search(text)) is wrong
