"""A list in a supplier's own headings: its columns are said once, the next one is read by itself; a filled-in list comes back."""

import openpyxl
import pytest

from students.models import SourceSnapshot
from tests import make

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
HEAD = "学校代码,年级,班级,娃娃,身份证号,本学期来了没有\n"
NAMES = ("王小明", "扎西", "李华")
NUMBERS = ("990101201008310014", "990101201101150027", "990101201602290044")


def rows(state="在校"):
    lines = [f"2199000003,三年级,1班,{name},{number},{state}" for name, number in zip(NAMES, NUMBERS, strict=True)]
    return (HEAD + "\n".join(lines)).encode()


def upload(page, content, day):
    page.goto("/lists/upload/?kind=attending")
    page.locator("input[type=file]").set_input_files({"name": "名单.csv", "mimeType": "text/csv", "buffer": content})
    page.fill("[name=as_of]", day)
    page.fill("[name=supplier]", "东关第1小学")
    page.get_by_role("button", name="上传并读取").click()


def approve(walk, page):
    walk.confirm(page, "批准入库")
    page.get_by_text("已入库").first.wait_for()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_columns_are_said_once(walk, phone):
    root = make.county()
    make.node("school", "东关第1小学", root, "2199000003")
    make.person("officer", ("roll_officer", root))
    page = walk.as_person("officer", phone=phone)
    upload(page, rows(), "2020-03-01")
    page.get_by_role("heading", name="列名对应").wait_for()
    walk.photograph(page, "columns")
    page.get_by_label("娃娃").select_option("name")
    page.get_by_label("本学期来了没有").select_option("state")
    walk.press(page, "按这样读取")
    page.get_by_text("名单行数").wait_for()
    walk.photograph(page, "preview")
    approve(walk, page)
    page.goto("/lists/prefilled/?kind=attending")
    walk.photograph(page, "prefilled")
    path = walk.download(page, page.get_by_role("button", name="下载预填表"))
    fill(path)
    upload(page, path.read_bytes(), "2020-04-01")
    page.get_by_text("名单行数").wait_for()
    walk.photograph(page, "back")
    returned = SourceSnapshot.objects.order_by("-pk").first()
    assert (returned.new, returned.changed, returned.unchanged) == (0, 1, 2)
    page.goto("/lists/")
    walk.photograph(page, "lists")
    walk.sound()


def fill(path):
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == "在校":
                cell.value = "未到校"
                book.save(path)
                return
