"""Every export through LibreOffice and back: nothing is evaluated, no digit and no text is another one."""

import io
import shutil
import subprocess

import openpyxl
import pytest

from core.spreadsheets import Column, SheetOut, write_workbook
from tests.exports import EVIL, all_workbooks, books_in, faults_of, furnished
from tests.test_access import paper_is_not_drawn

__all__ = ["paper_is_not_drawn"]
pytestmark = pytest.mark.django_db
PROOF = "exports"
NUMBERS = [f"{6222021234567890123 + number * 7919}" for number in range(5_000)]
NUMBERS += [f"{990101201003011236 + number}" for number in range(5_000)]


@pytest.fixture
def office(tmp_path):
    """Workbook bytes → what LibreOffice makes of it. Its absence is a failure: `make proof` installs it."""
    program = shutil.which("soffice")
    assert program, "LibreOffice is missing: apt-get install libreoffice-calc-nogui"

    def resaved(content):
        source, target = tmp_path / "in.xlsx", tmp_path / "out"
        source.write_bytes(content)
        subprocess.run(
            [program, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx", "--outdir", target, source],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        return (target / "in.xlsx").read_bytes()

    return resaved


def texts(content):
    return [
        [[cell.value for cell in row if isinstance(cell.value, str)] for row in sheet.iter_rows()]
        for sheet in openpyxl.load_workbook(io.BytesIO(content))
    ]


def test_every_export_of_the_product(settings, tmp_path, office, tally):
    settings.FILES_ROOT = tmp_path / "files"
    given = all_workbooks(furnished())
    books = [book for content in given.values() for book in books_in(content)]
    faults, cells, changed = [], 0, []
    for book in books:
        found, count = faults_of(book)
        faults, cells = faults + found, cells + count
    for content in given.values():
        book = next(iter(books_in(content)), None)
        if book is None:
            continue  # an archive of no ledger: nobody is on one
        again = office(book)
        changed += [name for name in given if texts(again) != texts(book) and given[name] is content]
        changed += [fault for fault in faults_of(again)[0] if fault[2] in ("formula", "digits lost")]
    tally(PROOF, "cells that a spreadsheet program would evaluate", cells, len(faults), f"{len(given)} exports, {len(books)} workbooks")
    tally(PROOF, "exports that LibreOffice changes", len(given), len(changed), str(changed[:3] or "–"))


def test_ten_thousand_numbers_there_and_back(office, tally):
    out = io.BytesIO()
    write_workbook(out, [SheetOut("账号", [Column("号码"), Column("姓名")], [[number, EVIL[0]] for number in NUMBERS])])
    again = openpyxl.load_workbook(io.BytesIO(office(out.getvalue()))).active
    back = [row[0] for row in again.iter_rows(min_row=2, values_only=True)][: len(NUMBERS)]
    tally(PROOF, "numbers of 18 and 19 digits through LibreOffice", len(NUMBERS), sum(a != b for a, b in zip(NUMBERS, back, strict=True)))


def test_a_plain_writer_loses_them(office, tally):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for number in NUMBERS[:50]:
        book.active.append([int(number), EVIL[0]])
    book.save(out)
    again = office(out.getvalue())
    wrong = len([fault for fault in faults_of(again)[0] if fault[2] in ("formula", "digits lost")])
    tally(PROOF, "cells of a plain writer that are evaluated or lose digits", 100, wrong, control=True)
