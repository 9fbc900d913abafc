"""No export of the product holds anything that a spreadsheet program would run; numbers of 18 and 19 digits are text."""

import io

import openpyxl
import pytest

from tests.exports import EVIL, all_workbooks, books_in, faults_of, furnished
from tests.test_access import paper_is_not_drawn

__all__ = ["paper_is_not_drawn"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def given(db, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return all_workbooks(furnished())


def test_no_export_holds_a_formula(given):
    wrong, seen = {}, set()
    for name, content in given.items():
        for book in books_in(content):
            faults, _ = faults_of(book)
            wrong |= {name: faults} if faults else {}
            seen |= {str(cell.value) for sheet in openpyxl.load_workbook(io.BytesIO(book)) for row in sheet.iter_rows() for cell in row}
    assert wrong == {}
    assert len(seen & set(EVIL)) >= 5  # the negative control of the house: such names do come out
    assert len(given) >= 15  # the walk finds them by itself; one that wants something special to exist first has a test of its own


def test_a_formula_would_be_found():
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["=1+1", "@x", 6222021234567890123])
    book.save(out)
    assert [fault[2] for fault in faults_of(out.getvalue())[0]] == ["formula", "not quoted", "digits lost"]
