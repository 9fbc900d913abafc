"""Every workbook that the product gives out, found by walking the access table: a new export is looked at without a word here.

The house has names, places and numbers that a spreadsheet program would take for formulas; what an export needs to be asked with beside
its address stands in ASKED.
"""

import io
import re
import zipfile

import openpyxl
from django.db import transaction
from django.urls import reverse

from core import file_runs, files
from core.models import FileRun, Organization
from students.models import Child
from tests import cast, make
from tests.archives.access import report_of
from tests.callers import client_of, sign_in
from tests.test_access import ROUTES

EVIL = ("=1+1", "+86", "-1", "@SUM(A1)", "＝1+1", "＠A1", "=cmd|'/c calc'!A0", '=HYPERLINK("a","x")', "\t=1", "|x")
STARTS = tuple("=+-@\t\r＝＋－＠")
WORKBOOKS = re.compile(r"export|annotated|prefilled|fetch|summary|report_print")  # routes whose name says that they give one out
PEOPLE = ("bureau_admin", "roll_officer", "dropout_officer", "auditor", "school_clerk", "principal", "group_head", "township_officer")
FULL = {"full_numbers": "on", "reason": "核对学籍用"}
ASKED = {
    "students:snapshot_prefilled": lambda house: {"kind": "roll", "coverage": house.nodes.school.public_id, "reason": "核对学籍用"},
    "students:filled_fetch": lambda house: {"kind": "attending", "coverage": house.nodes.school.public_id},
    "students:attendance_sheet_fetch": lambda house: {"unit": house.nodes.school.public_id, "first": "2026-09-21", "last": "2026-09-22"},
    "students:status_export": lambda house: FULL | {"status": "nowhere"},
    "students:comparison_export": lambda house: FULL | {"bucket": "neither"},
}


def furnished():
    """The cast with names that are formulas, enrolled, and a session for each who exports."""
    house = cast.build()
    for number, child in enumerate((house.children.own, house.children.second, house.children.foreign)):
        Child.objects.filter(pk=child.pk).update(name=EVIL[number])
        child.refresh_from_db()
    extra = [
        make.child(word, (house.nodes.class_, "attending"), (house.nodes.school, "on_roll"), (house.nodes.village, "hukou"))
        for word in EVIL[3:]
    ]
    for child in (house.children.own, *extra):
        for kind in ("roll", "attending"):
            make.enrolment(child, house.nodes.school, kind, class_node=house.nodes.class_, class_name="=2")
    for name, word in (("school", "=1+1小学"), ("village", "@村"), ("other_school", "+西关"), ("class_", "-二班")):
        Organization.objects.filter(pk=getattr(house.nodes, name).pk).update(name=word)
    report_of(house, "school")
    return sign_in(house, PEOPLE)


def all_workbooks(house):
    """{route: workbook bytes} of every route that answers somebody with one; nothing of the calls remains."""
    found = {}
    for name in filter(WORKBOOKS.search, ROUTES):
        for who in PEOPLE:
            content = fetched(house, who, name)
            if content:
                found[name] = content
                break
    return found


def fetched(house, who, name):
    rule = ROUTES[name]
    url = reverse(name, kwargs=rule.own(house) if rule.own else {}) + rule.query
    fields = ASKED.get(name, lambda house: FULL)(house) | rule.post(house)
    client = client_of(house, who)
    for method in rule.methods:
        with transaction.atomic():
            answer = getattr(client, method)(url, fields if method == "post" else {})
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            content = made_by_run() if "/runs/" in answer.headers.get("Location", "") else content
            transaction.set_rollback(True)
        if content.startswith(b"PK"):
            return content
    return None


def made_by_run():
    """What the long work that an answer led to makes."""
    run = FileRun.objects.latest("pk")
    _, result = file_runs.WORKS[run.kind].do(run)
    return files.read(result)


def books_in(content):
    """The workbooks of a download: itself, or those in an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        if "[Content_Types].xml" in package.namelist():
            return [content]
        return [package.read(name) for name in package.namelist() if name.endswith(".xlsx")]


def faults_of(content):
    """What a spreadsheet program would evaluate, and numbers that have lost digits, by address."""
    wrong, cells = [], 0
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        if sheet.title.startswith(STARTS):
            wrong.append((sheet.title, "sheet name"))
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            cells += 1
            if cell.data_type == "f":
                wrong.append((sheet.title, cell.coordinate, "formula", str(cell.value)[:30]))
            elif isinstance(cell.value, str) and cell.value.startswith(STARTS) and not cell.quotePrefix:
                wrong.append((sheet.title, cell.coordinate, "not quoted", cell.value[:30]))
            elif isinstance(cell.value, int | float) and abs(cell.value) >= 1e15:
                wrong.append((sheet.title, cell.coordinate, "digits lost", cell.value))
    return wrong, cells
