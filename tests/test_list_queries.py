"""Every list asks the database the same for thirty rows as for three: nothing is looked up row by row."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import files
from core.models import ChangeRequest
from dropout.actions import open_case
from dropout.models import Absence, AbsenceReport
from students.actions import keeping
from students.models import ChildNumber, FieldCheck, ListRow, Match, SchoolProfile, Section, SourceSnapshot, SpecialGroup
from students.reports.account import usual_day
from students.rules.ages import term_of
from tests import make

FEW, MANY = 3, 30
ROLES = ("bureau_admin", "system_admin", "dropout_officer", "roll_officer", "auditor", "bureau_head")
ACCOUNT = "low=6&high=15&mode=point"
LONGER = (  # what `grow` makes are rows of these
    "/students/", "/students/?sort=school", "/students/?sort=-birth", "/students/?q=王", "/students/?q=w",
    "/students/?standing=on_roll&col=ethnic&col=groups", "/schools/", "/households/", "/suspects/?bucket=neither",
    "/suspects/?bucket=neither&show=cased", "/cases/", "/absences/", "/matches/", "/matches/unresolved/", "/lists/",
    f"/account/names/?{ACCOUNT}&bucket=neither", f"/account/names/?{ACCOUNT}&bucket=registered",
    f"/account/statuses/names/?{ACCOUNT}&status=in_school", "/checks/", "/attendance/", "/arrivals/",
    "/school-calendar/", "/accounts/", "/audit/", "/runs/",
)  # fmt: skip
OTHERS = (
    "/found/", "/changes/", "/reports/", "/households/moved-in/", "/platform/", f"/account/?{ACCOUNT}", f"/account/statuses/?{ACCOUNT}",
    "/account/reasons/",
    "/account/versions/", "/catchments/", "/arrivals/missing/", "/arrivals/boarding/", "/roll-changes/", "/unplaced/",
    "/indicators/",
)  # fmt: skip
LISTS = (*LONGER, *OTHERS)


@pytest.fixture
def world(db):
    county = make.county()
    town = make.node("township", "东关镇", county, "990101100000")
    people = {role: make.person(role, (role, county)) for role in ROLES}
    people["everything"] = make.person("everything", *((role, county) for role in ROLES))
    return {"county": county, "town": town, "grown": 0, **people}


def grow(world, count):
    """As many of each kind as stand in a list, each with all that its row may show."""
    for number in range(world["grown"], count):
        add(world, number)
    world["grown"] = count
    keeping.refresh(usual_day(timezone.localdate()))


def add(world, number):
    county, town = world["county"], world["town"]
    village = make.node("village", f"{number:02}村", town)
    school = make.node("school", f"{number:02}小", town)
    class_node = make.node("class", f"三年级{number:02}班", school)
    SchoolProfile.objects.create(school=school, kind="小学", township=town)
    Section.objects.create(school=school, stage="pri")
    family(village, school, class_node, number)
    reports(world, village, school, class_node, number)
    desk(world, county, village, number)


def family(village, school, class_node, number):
    """One child in school with everything, one whom no school knows, two records that may be one."""
    birth_on = timezone.localdate() - timedelta(days=3700 + number)
    home = make.household(village, f"99{number:04}")
    kept = make.child(f"王{number:02}", (village, "hukou"), (school, "attending"), number=f"9901012010{number:07}1", birth_on=birth_on)
    for kind in ("roll", "attending"):
        make.enrolment(kept, school, kind, class_node=class_node, class_name="1班")
    SpecialGroup.objects.create(child=kept, code="P1", label="脱贫户", since=make.LONG_AGO)
    for name in (f"李{number:02}", f"张{number:02}"):
        make.registration(make.child(name, (village, "hukou"), birth_on=birth_on), home)
    make.registration(kept, home)
    numbers = [
        ChildNumber.objects.create(
            child=make.child(f"赵{number:02}{which}", (village, "hukou")), identity=f"{which}{number:031}".encode(), source="none",
            valid=False, name_key="赵", birth_on=birth_on, birth_stated=True,
        )
        for which in "ab"
    ]  # fmt: skip
    Match.objects.create(odd=numbers[0], meant=numbers[1], rule="one_edit", state="open")


def reports(world, village, school, class_node, number):
    """A case, an absence with its report, a row that nobody knows, a place checked, a child found at the door."""
    today, child = timezone.localdate(), make.child(f"钱{number:02}", (village, "hukou"), (school, "last_school"))
    birth_on = today - timedelta(days=3700)
    type(child).objects.filter(pk=child.pk).update(birth_on=birth_on)
    make.registration(child, make.household(village, f"98{number:04}"))
    open_case(child=child, why="户籍在册，学籍库查不到", source="comparison", on=today, by=world["dropout_officer"])
    now = timezone.now()
    missed = Absence.objects.create(
        child=make.child(f"孙{number:02}", (school, "attending")), school=school, class_node=class_node, class_label="三年级2班", stage="pri",
        state="reported", first_on=today, first_half="am", discovered_at=now, threshold_at=now, due_at=now,
        rule={"inputs": {"alert_hours": 48}},
    )  # fmt: skip
    AbsenceReport.objects.create(
        absence=missed, number=f"缺报〔2020〕{number}", school_name=school.name, township=world["town"], township_name="东关镇", lives="hukou",
        discovered_at=now, threshold_at=now, due_at=now, delivered_at=now,
    )  # fmt: skip
    FieldCheck.objects.create(
        what="roll", place=school, term=term_of(today), checked_on=today, people="周一", checked=9, problems=0, by=world["roll_officer"]
    )


def desk(world, county, village, number):
    """A list received with a row that nothing ties to a child, a correction asked for, work that failed, an account."""
    by = world["roll_officer"]
    file = files.store(f"姓名,{number}\n".encode(), "名单.csv", "text/csv", by)
    snapshot = SourceSnapshot.objects.create(
        kind="civil_affairs", coverage=county, as_of=date(2020, 3, 1), sha256=f"{number:064d}", file=file, received_by=by, layout={}
    )
    row = {"kind": "civil_affairs", "snapshot": snapshot, "sheet": "表", "row_number": number + 1, "name": f"吴{number:02}"}
    ListRow.objects.create(
        **row, name_key="吴", pinyin="w", person_key=f"p{number:02}".encode(), content_hash=b"c", identity=f"z{number:031}".encode(),
        since=date(2020, 3, 1), seen_as_of=date(2020, 3, 1), birth_on=date(2015, 1, 1), facts={},
    )  # fmt: skip
    child = make.child(f"郑{number:02}", (village, "hukou"))
    ChangeRequest.objects.create(
        subject_kind="students.child", subject_id=str(child.public_id), subject_name=child.name, nodes=child.scope_nodes, field="sex",
        old="1", new="2", reason="户口簿如此", requested_by=by, proof=file,
    )  # fmt: skip
    make.failed_run(f"work:{number}")
    make.person(f"clerk{number:02}", ("village_liaison", village))


def asked(client, address):
    """How many questions the page asks, once it has been drawn before."""
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address)
    return len(captured), page.content.decode()


def test_no_list_asks_more_for_more_rows(world, client):
    client.force_login(world["everything"])
    grow(world, FEW)
    few = {address: asked(client, address) for address in LISTS}
    grow(world, MANY)
    many = {address: asked(client, address) for address in LISTS}
    assert {address: count for address, (count, _) in many.items()} == {address: count for address, (count, _) in few.items()}
    rows = {address: (few[address][1].count("<tr"), many[address][1].count("<tr")) for address in LONGER}
    assert {address: counts for address, counts in rows.items() if counts[1] < counts[0] + (MANY - FEW) // 2} == {}


def test_a_look_up_for_each_row_would_be_found(world):
    grow(world, FEW)
    with CaptureQueriesContext(connection) as few:
        [match.odd.child.name for match in Match.objects.all()]
    grow(world, FEW + 2)
    with CaptureQueriesContext(connection) as many:
        [match.odd.child.name for match in Match.objects.all()]
    assert len(many) > len(few)
