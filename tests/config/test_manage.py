"""Which commands find a database running."""

import pytest

from manage import needs_servers


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("migrate", True),
        ("import_file --kind hukou", True),
        ("check", False),
        ("check --deploy", False),
        ("check --database default", True),
        ("check --database=default", True),
        ("migrate --help", False),
        ("help", False),
        ("--version", False),
    ],
)
def test_a_database_runs_for_those_who_need_it(words, wanted):
    command = words.split()[0]
    assert needs_servers(command, ["manage.py", *words.split()]) is wanted
