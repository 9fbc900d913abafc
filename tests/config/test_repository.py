"""Promises about the files themselves: no registry is named, no machine is named, lines fit the screen."""

import re
import subprocess

import pytest

from config.environment import BASE_DIR

# written in two parts, so that this file does not name what it forbids
HOSTS = [("pypi.", "org"), ("python", "hosted.org"), ("registry.npm", "js"), ("npm", "mirror.com"), ("deb.debi", "an.org")]
REGISTRY = re.compile("|".join([*(re.escape(a + b) for a, b in HOSTS), "/simple/", "--index-url[ =]http"]))
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]+)/")
NOT_TEXT = {".png", ".jpg", ".woff2", ".pdf", ".xlsx", ".xls", ".ico"}


def texts(*endings: str) -> list:
    named = subprocess.run(["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = [BASE_DIR / name for name in named if name]
    return [path for path in paths if path.is_file() and path.suffix not in NOT_TEXT and (not endings or path.suffix in endings)]


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE], ids=["registry", "machine"])
def test_no_file_names_it(pattern):
    found = []
    for path in texts():
        if path.name == "test_repository.py":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(BASE_DIR)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_a_registry_would_be_found():
    assert REGISTRY.search("see https://pypi" + ".org/project/django")
    assert MACHINE.search('open("/' + 'root/x")')


def test_lines_have_at_most_140_characters():
    """Characters, not columns: a Chinese sentence is wider than an English one and no harder to read."""
    long = [
        f"{path.relative_to(BASE_DIR)}:{number}"
        for path in texts(".py")
        if path.parent.name != "migrations"  # generated
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > 140
    ]
    assert long == []
