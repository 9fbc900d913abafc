"""What a list changed against the one before goes out as a workbook: new, gone, changed field by field."""

from io import BytesIO

import openpyxl
import pytest

from core import file_runs
from core.models import AuditEntry, FileRun
from students.models import SourceSnapshot
from students.views import list_changes
from tests.students.lists import APRIL, in_class, load, stage

A, B, C = "990101201008310014", "990101201101150027", "990101201602290044"


def book_of(client, snapshot):
    answer = client.post(f"/lists/{snapshot.public_id}/changes/")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)] for sheet in book}, book


@pytest.fixture
def april(places, tmp_path, client):
    client.force_login(places["by"])
    load(tmp_path, "attending", [in_class(A), in_class(B, "李二")], **places)
    return lambda how: how(
        tmp_path, "attending", [in_class(A, 班级="2班", 在校情况="未到校"), in_class(C, "=张三")], as_of=APRIL, name="四月.csv", **places
    )


@pytest.mark.parametrize("how", [stage, load], ids=["waiting", "in"])
def test_new_gone_and_changed_field_by_field(client, april, how):
    sheets, book = book_of(client, april(how))
    assert [row[0] for row in sheets["新增"] if row[4]] == ["=张三"]
    assert [row[0] for row in sheets["消失"] if row[4]] == ["李二"]
    changed = {(row[0], row[4], row[5], row[6]) for row in sheets["变化"] if row[7]}
    assert {("王一", "班级", "1班", "2班"), ("王一", "状态", "在校", "未到校")} <= changed
    told = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert not {A, B, C} & told
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert AuditEntry.objects.get(act="list_changes_exported").detail["gone"] == 1


def test_a_long_one_is_made_as_work(client, april, monkeypatch):
    monkeypatch.setattr(list_changes, "AT_ONCE", 1)
    page = client.post(f"/lists/{april(load).public_id}/changes/")
    run = FileRun.objects.get(kind="export_changes")
    assert str(run.public_id) in page.url
    file_runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.result is not None) == ("done", True)
    assert SourceSnapshot.objects.filter(state="applied", kind="attending").count() == 2
