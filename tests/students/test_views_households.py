"""一户一档: reached through the village or a child in scope; what is foreign stays masked; on paper and as a workbook, each recorded."""

from io import BytesIO

import openpyxl
import pytest

from core.models import AuditEntry
from students.models import Registration
from tests import cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    built = cast.build()
    make.registration(built.children.foreign, built.households.own)
    return built


def seen(client, house, name, tail=""):
    client.force_login(house.people[name])
    return client.get(f"/households/{house.households.own.public_id}/{tail}")


def test_the_school_reaches_it_through_its_child_and_the_other_is_masked(client, house):
    page = seen(client, house, "principal").content.decode()
    assert "东小明" in page
    assert "西**" in page
    assert "西小红" not in page
    assert "不在您的管理范围内" in page


def test_the_county_sees_both(client, house):
    page = seen(client, house, "dropout_officer").content.decode()
    assert "东小明" in page
    assert "西小红" in page


def test_nobody_else_reaches_it(client, house):
    Registration.objects.filter(child=house.children.foreign).delete()
    assert seen(client, house, "foreign_principal").status_code == 404


def test_paper_and_workbook_lead_back_to_their_audit_rows(client, house):
    paper = seen(client, house, "dropout_officer", "print/")
    assert paper.content.startswith(b"%PDF-")
    answer = client.post(f"/households/{house.households.own.public_id}/export/")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    texts = {str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value}
    assert {"东小明", "西小红", "去向"} <= texts
    entry = AuditEntry.objects.get(act="household_exported")
    assert any(entry.number in text for text in texts)
    assert AuditEntry.objects.filter(act="household_printed").count() == 1
