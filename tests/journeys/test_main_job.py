"""The main job, by its people: from eight lists to the child who is back in class and the report that the bureau exports.

The lists are of 2020-03-01, so all that happens is entered with days of that spring: the forms take past days.
"""

import subprocess
from io import BytesIO

import openpyxl
import pytest
from PIL import Image

from archives.models import Report
from core.models import Organization
from dropout.models import Case
from students.models import SourceSnapshot
from tests import make

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PERIOD = "2020-03"
PARTS = ("registered", "on_roll_and_attending", "attending_not_on_roll", "on_roll_not_attending", "neither")
WHOLE = ("on_roll_not_attending", "attending_not_on_roll", "double_roll", "bad_id_on_roll", "double_hukou")
PART_B = "县、乡、校、村、组五级责任落实到人，本月巡查四次。"


def photo_with_place():
    """A picture as a telephone takes it, with the place where it was taken."""
    taken = Image.Exif()
    taken[0x010F] = "Telephone"
    taken.get_ifd(0x8825).update({1: "N", 2: (33.0, 20.0, 12.0), 3: "E", 4: (104.0, 55.0, 8.0)})
    target = BytesIO()
    Image.new("RGB", (1200, 900), "#7a9").save(target, "JPEG", exif=taken)
    assert b"Exif" in target.getvalue()
    return {"name": "入户.jpg", "mimeType": "image/jpeg", "buffer": target.getvalue()}


def paper(name):
    target = BytesIO()
    Image.new("RGB", (900, 1200), "#eee").save(target, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": target.getvalue()}


def test_main_job(walk, county):
    root = make.county()
    for role in ("roll_officer", "dropout_officer", "bureau_head"):
        make.person(role, (role, root), name={"roll_officer": "学籍甲", "dropout_officer": "周敏", "bureau_head": "局长乙"}[role])
    import_lists(walk, county)
    read_account(walk, county)
    confirm_match(walk)
    back, away = open_cases(walk)
    seat_people(back, away)
    persuade(walk, back)
    remove(walk, away)
    close(walk, back)
    make_reports(walk)
    report = report_month(walk, back)
    report_nothing(walk, report)
    accept(walk, report)
    export(walk, report)
    print_papers(walk, back)
    undo(walk)
    walk.sound()


def import_lists(walk, county):
    """学籍管理员: eight lists, each uploaded, looked at and approved."""
    page = walk.as_person("roll_officer")
    walk.photograph(page, "empty-home")
    for kind, path in county.files.items():
        page.goto("/lists/")
        page.locator(f"a[href$='upload/?kind={kind}']").first.click()
        page.set_input_files("[name=file]", path)
        page.fill("[name=as_of]", county.truth["as_of"])
        page.fill("[name=supplier]", "县级有关部门")
        if kind == "roll":
            walk.photograph(page, "upload")
        walk.press(page, "上传并读取")
        page.wait_for_selector("text=名单行数")
        if kind == "roll":
            assert page.locator(".drill").inner_text().count(f"未导入 {len(county.truth['roll_broken_rows'])}") == 1
            walk.photograph(page, "preview")
        walk.confirm(page, "批准入库")
        page.get_by_role("link", name="看适龄儿童总账").wait_for()
    page.goto("/lists/")
    walk.photograph(page, "lists")
    assert SourceSnapshot.objects.filter(state="applied").count() == len(county.files)


def read_account(walk, county):
    """控辍专干: the account balances, and its figures are the truth."""
    page = walk.as_person("dropout_officer")
    waiting = county.truth["balance_6_15_point"]["neither"]
    assert page.locator(".worklist li", has_text="疑似名单待判断：无学籍、不在校").locator(".count").inner_text() == str(waiting)
    walk.photograph(page, "home")
    walk.press(page, "适龄儿童总账")
    shown = [int(cell.replace(",", "")) for cell in page.locator("tfoot td").all_inner_texts()]
    assert dict(zip(PARTS, shown, strict=True)) == {key: county.truth["balance_6_15_point"][key] for key in PARTS}
    lists = page.locator(".card", has_text="名单本身的问题").locator("dd").all_inner_texts()
    assert [int(figure.split()[0]) for figure in lists] == [county.truth["whole_lists"][key] for key in WHOLE]
    assert "平衡" in page.locator("main").inner_text()
    walk.photograph(page, "account")
    with page.expect_navigation():
        page.locator("tfoot td a").last.click()
    assert f"{county.truth['balance_6_15_point']['neither']} 人" in page.locator("h1").inner_text()
    walk.photograph(page, "account-names")


def confirm_match(walk):
    page = walk.as_person("roll_officer")
    page.goto("/matches/")
    walk.photograph(page, "matches")
    with page.expect_navigation():
        page.locator("tbody th a").first.click()
    page.locator("label:has([name=same][value=yes])").click()
    page.fill("[name=reason]", "核对户口簿和学籍卡，证件号抄错一位")
    walk.photograph(page, "match")
    walk.press(page, "记下结论")
    assert "已确认两条记录" in page.locator(".messages").inner_text()


def open_cases(walk):
    """From the suspected list to cases, by a person's tick: (a child on a roll who does not come, a child on no roll)."""
    page = walk.as_person("dropout_officer")
    for bucket in ("on_roll_not_attending", "neither"):
        page.goto(f"/suspects/?bucket={bucket}")
        decision = page.locator("form[action*='/suspects/open/']")
        for box in decision.locator("[name=children]").all():
            box.check()
        decision.locator("[name=why]").fill("2020 年春季三本名单比对，不在教室")
        decision.locator("[name=on]").fill("2020-03-02")
        walk.photograph(page, f"suspects-{bucket.replace('_', '-')}")
        walk.press(page, "把勾选的列为疑似个案")
        assert "48 小时内要核实" in page.locator(".messages").inner_text()
    page.goto("/cases/")
    walk.photograph(page, "cases")
    cases = Case.objects.select_related("child", "school__parent", "township").order_by("pk")
    assert cases.count() == page.locator("tbody tr").count()
    back = next(case for case in cases if case.stage in ("pri", "jun") and case.rule["bucket"] == "on_roll_not_attending")
    away = next(case for case in cases if case.rule["bucket"] == "neither" and case.township_id)
    return back, away


def seat_people(back, away):
    """Those below the bureau can have their accounts now that the lists have made townships and schools."""
    school = back.school
    busy = Case.objects.exclude(school=None).values("school")
    other = Organization.objects.filter(kind="school", profile__kind="小学").exclude(pk__in=busy).first()
    make.person("township_officer", ("township_officer", back.township), ("township_officer", away.township), name="专干丙")
    make.person("school_clerk", ("school_clerk", school), name="填报人戊")
    make.person("principal", ("principal", school), name="校长己")
    make.person("other_clerk", ("school_clerk", other), name="填报人庚")
    make.person("group_head", ("group_head", school.parent), name="组长辛")


def step(walk, page, case, name, submit, files=None, **fields):
    """One step of a case: reached from the case's page, filled in, photographed, taken."""
    page.goto(f"/cases/{case.public_id}/")
    link = page.locator(f"main a[href$='/{name}/']").first  # the menu has pages of the same ending
    with page.expect_navigation():
        link.click()
    fill(page, fields)
    for field, given in (files or {}).items():
        page.set_input_files(f"[name={field}]", given)
    walk.photograph(page, f"step-{name.replace('_', '-')}")
    walk.press(page, submit)
    assert page.locator(".messages").count(), page.locator("main").inner_text()


def fill(page, fields):
    for field, value in fields.items():
        box = page.locator(f"[name={field}]").first
        if box.get_attribute("type") == "radio":
            page.locator(f"label:has([name={field}][value='{value}'])").click()
        else:
            box.fill(value)


def persuade(walk, case):
    """乡镇教育专干, on a phone: verified, at the family's door, back at school."""
    page = walk.as_person("township_officer", phone=True)
    walk.photograph(page, "phone-home")
    page.goto(f"/cases/{case.public_id}/")
    walk.photograph(page, "phone-case")
    step(walk, page, case, "confirm", "确认辍学", on="2020-03-03", cause="learning", left_on="2020-02-24", note="父母外出务工，孩子在家")
    step(walk, page, case, "assign", "安排责任人", on="2020-03-04", administration_village_name="村主任壬", education_school_name="校长己")
    visit(walk, page, case)
    step(walk, page, case, "record_return", "登记返校", files={"photos": [photo_with_place()]}, on="2020-03-09", brought_by="村主任壬、班主任")
    walk.photograph(page, "phone-returned")
    assert Case.objects.get(pk=case.pk).state == "returned"


def visit(walk, page, case):
    page.goto(f"/cases/{case.public_id}/visit/")
    for choice in ("父亲", "入户", "同意返校"):
        page.locator(".choice", has_text=choice).first.click()
    page.fill("[name=promised_on]", "2020-03-09")
    page.fill("[name=notes]", "父亲同意周一送孩子到校，担心跟不上课，约班主任在校门口接。")
    page.set_input_files("[name=photos]", [photo_with_place()])
    page.wait_for_selector("text=照片 1 张")
    sign(page)
    page.locator("details.field summary").click()
    page.fill("[name=happened_on]", "2020-03-06")
    walk.photograph(page, "phone-visit")
    walk.press(page, "保存这次走访")
    assert "会提醒您跟进" in page.locator(".messages").inner_text()
    walk.photograph(page, "phone-visited")
    kinds = set(case.evidence.values_list("kind", flat=True))
    assert {"photo", "signature"} <= kinds
    for link in page.locator("a[href*='/evidence/']").all():
        assert b"Exif" not in page.request.get(link.get_attribute("href")).body()


def sign(page):
    canvas = page.locator("canvas").last
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 15, box["y"] + 20)
    page.mouse.down()
    for share in range(1, 9):
        page.mouse.move(box["x"] + 15 + share * (box["width"] - 30) / 8, box["y"] + 20 + (share % 3) * 12)
    page.mouse.up()
    page.wait_for_selector("text=已签名")


def remove(walk, case):
    """One child was found in order: proposed with what proves it, and reviewed by somebody else."""
    page = walk.as_person("township_officer")
    page.goto(f"/cases/{case.public_id}/propose_removal/")
    walk.photograph(page, "phone-reasons")
    with page.expect_navigation():
        page.get_by_role("link", name="06", exact=False).first.click()
    fill(page, {"on": "2020-03-05", "kind_0": "police_reply", "reply_number": "示公户〔2020〕12号", "statement": "全家 2019 年秋迁往外县"})
    page.set_input_files("[name=files_0]", [paper("公安回复.jpg")])
    walk.photograph(page, "phone-removal")
    walk.press(page, "提出核减")
    assert page.locator(".messages").count(), page.locator("main").inner_text()
    reviewer = walk.as_person("bureau_head")
    walk.photograph(reviewer, "home-with-a-removal")
    step(walk, reviewer, case, "approve_removal", "同意核减", on="2020-03-06", note="情况属实")
    walk.photograph(reviewer, "removed")
    assert Case.objects.get(pk=case.pk).state == "removed"


def close(walk, case):
    """学校 places the child and enters its days, the principal proposes, the bureau closes: three people."""
    clerk = walk.as_person("school_clerk")
    walk.photograph(clerk, "home-clerk")
    step(walk, clerk, case, "consolidate", "登记安置", on="2020-03-10", placement="same_grade", support_teacher="王老师")
    step(walk, clerk, case, "attendance", "登记出勤", first_on="2020-03-10", last_on="2020-04-10", school_days="23", present="22")
    walk.photograph(clerk, "consolidating")
    principal = walk.as_person("principal")
    step(walk, principal, case, "propose_close", "提出销号", on="2020-04-13", code="consolidated", statement="返校后出勤 22 天，学习状态稳定")
    head = walk.as_person("bureau_head")
    head.goto("/")
    walk.photograph(head, "home-bureau-head")
    step(walk, head, case, "close", "批准销号", on="2020-04-15", note="同意")
    walk.photograph(head, "closed")
    assert Case.objects.get(pk=case.pk).state == "closed"


def make_reports(walk):
    """The month is over: the bureau makes the reports by hand, as beat does every night for the month that has just closed."""
    page = walk.as_person("dropout_officer")
    page.goto(f"/reports/?period={PERIOD}")
    walk.photograph(page, "reports-before")
    walk.press(page, "生成本期月报")
    assert "应报" in page.locator(".messages").inner_text()
    walk.photograph(page, "reports-made")


def report_of(school):
    return Report.objects.of_period(PERIOD).newest().get(organization=school)


def report_month(walk, case):
    """填报人 writes and files, 校长 signs with the password."""
    report = report_of(case.school)
    clerk = walk.as_person("school_clerk")
    clerk.goto(f"/reports/{report.public_id}/")
    for number in range(1, 6):
        clerk.fill(f"[name=text_{number}]", PART_B)
    walk.photograph(clerk, "report-draft")
    walk.press(clerk, "填报这份月报")
    assert "等校长签字" in clerk.locator(".messages").inner_text()
    principal = walk.as_person("principal")
    principal.goto("/")
    walk.photograph(principal, "home-principal")
    principal.goto(f"/reports/{report.public_id}/")
    walk.press(principal, "核对并签字")
    principal.fill("[name=password]", make.PASSWORD)
    walk.photograph(principal, "report-sign")
    walk.press(principal, "签字并报出")
    walk.photograph(principal, "report-signed")
    assert report_of(case.school).state == "signed"
    return report


def report_nothing(walk, report):
    """Another school had nothing to tell: one click, and the name of who checked."""
    clerk = walk.as_person("other_clerk")
    with clerk.expect_navigation():
        clerk.locator("#menu a[href='/reports/']").click()
    with clerk.expect_navigation():
        clerk.locator("tbody a").first.click()
    walk.photograph(clerk, "zero-draft")
    walk.press(clerk, "报零报告")
    walk.photograph(clerk, "zero-filed")
    zero = Report.objects.get(zero_report=True)
    assert (zero.state, zero.zero_checked_by) == ("filed", "填报人庚")
    assert zero.pk != report.pk


def accept(walk, report):
    """教育组, then the bureau."""
    for person, state in (("group_head", "accepted_group"), ("dropout_officer", "accepted")):
        page = walk.as_person(person)
        page.goto("/")
        walk.photograph(page, f"home-before-{state.replace('_', '-')}")
        page.goto(f"/reports/?period={PERIOD}")
        walk.photograph(page, f"reports-{state.replace('_', '-')}")
        page.goto(f"/reports/{report.public_id}/")
        walk.press(page, "接收这份月报")
        assert report_of(report.organization).state == state
    walk.photograph(page, "report-accepted")


def export(walk, report):
    """The bureau takes the report away as paper and as workbook, and both say what the page says."""
    page = walk.as_person("dropout_officer")
    total = report_of(report.organization).figures["total"]
    pdf = walk.download(page, page.get_by_role("link", name="打印（PDF）"))
    words = words_of(pdf)
    assert "草稿" not in words
    for wanted in (report.organization_name, report_of(report.organization).short_code, "月报", "校长己", "填报人戊", PART_B[:8]):
        assert wanted in words, f"{wanted!r} is not on the paper:\n{words}"
    assert total["suspected_new"] >= 1
    assert total["returned"] == 1
    book = openpyxl.load_workbook(walk.download(page, page.get_by_role("link", name="导出 Excel")))
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}
    assert any(report.organization_name in cell for cell in cells)
    assert {str(total["attending_pri"]), str(total["attending_jun"])} <= cells
    page.goto(f"/reports/?period={PERIOD}")
    summary = walk.download(page, page.get_by_role("link", name="导出汇总 PDF"))
    assert report.organization_name in words_of(summary)
    assert "合计" in words_of(summary)


def words_of(pdf):
    """The paper's text as one line: a name that is broken in its cell is one name."""
    read = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    return "".join(read.stdout.split())


def print_papers(walk, case):
    """What goes into the child's folder: 劝返记录 and 登记表."""
    page = walk.as_person("dropout_officer")
    papers = {"persuasion-record": ("劝返", "父亲同意周一送孩子到校"), "register": ("登记表", case.number)}
    for paper, wanted in papers.items():
        answer = page.request.get(f"/cases/{case.public_id}/print/{paper}/")
        assert answer.headers["content-type"] == "application/pdf"
        path = walk.folder / f"{paper}.pdf"
        path.write_bytes(answer.body())
        words = words_of(path)
        for word in (case.child.name, *wanted):
            assert word in words, f"{word!r} is not on the paper:\n{words}"


def undo(walk):
    """The last batch was wrong: taken back, and what stood before stands again."""
    last = SourceSnapshot.objects.filter(state="applied").latest("applied_at")
    page = walk.as_person("roll_officer")
    page.goto(f"/lists/{last.public_id}/")
    walk.confirm(page, "撤销这一批")
    assert "在册资料回到入库之前" in page.locator(".messages").inner_text()
    walk.photograph(page, "undone")
    last.refresh_from_db()
    assert last.state == "undone"
