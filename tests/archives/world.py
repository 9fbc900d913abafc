"""The cast with schools that owe reports, and the month of March 2020 for the tests of the monthly report."""

import io
from datetime import UTC, date, datetime

from archives.actions import filing, making, signing
from archives.assembly.content import fingerprint
from archives.assembly.figures import FIGURES, SCHEMA
from archives.models import Report
from core import files
from dropout.models import Case, CaseEvent
from students.models import SchoolProfile, Section, SourceSnapshot
from tests import make

PERIOD = "2020-03"
MADE_ON, FILED_ON, SIGNED_ON = date(2020, 3, 21), date(2020, 3, 23), date(2020, 3, 24)
TEXTS = {str(number): f"第{number}项已落实" for number in range(1, 6)}
SECTIONS = {"school": ("pri",), "junior_school": ("jun",), "other_school": ("pri", "jun")}


def with_sections(house):
    for name, stages in SECTIONS.items():
        school = getattr(house.nodes, name)
        SchoolProfile.objects.create(
            school=school, kind="小学", township=house.nodes.other_township if name == "other_school" else house.nodes.township
        )
        Section.objects.bulk_create([Section(school=school, stage=stage) for stage in stages])
    return house


def made(house):
    making.make(period=PERIOD, on=MADE_ON)
    return fresh(house)


def fresh(house, school="school", period=PERIOD):
    return Report.objects.of_period(period).newest().select_related("organization", "group").get(organization=getattr(house.nodes, school))


def written(report, house):
    return filing.save_texts(report=report, texts=TEXTS, revision=report.revision, by=house.people["school_clerk"])


def filed(house):
    report = written(made(house), house)
    return filing.file(report=report, shown=filing.figures_now(report), by=house.people["school_clerk"], on=FILED_ON)


def signed(house):
    report = filed(house)
    return signing.sign(report=report, sha256=report.content_sha256, by=house.people["principal"], on=SIGNED_ON)


def accepted_by_group(house):
    report = signed(house)
    return signing.accept(report=report, sha256=report.content_sha256, by=house.people["group_head"], on=SIGNED_ON)


def accepted(house):
    report = accepted_by_group(house)
    return signing.accept(report=report, sha256=report.content_sha256, by=house.people["dropout_officer"], on=date(2020, 3, 25))


STAGES = {"draft": made, "filed": filed, "signed": signed, "accepted_group": accepted_by_group, "accepted": accepted}


def applied_list(house, kind, as_of=date(2020, 3, 1), columns=()):
    """A list of `kind` with these columns that was applied for the whole county, so that its figures have a source."""
    user = house.people["bureau_admin"]
    received = SourceSnapshot.objects.create(
        kind=kind, coverage=house.nodes.root, as_of=as_of, sha256="0" * 64, file=files.store(b"x", f"{kind}.csv", "text/csv", user),
        received_by=user,
        layout={"sheets": [{"columns": {name: name for name in columns}}]},
    )  # fmt: skip
    return make.applied(received, datetime(2020, 3, 2, tzinfo=UTC))


def a_case(house, number, moves, *, school="school", child="own", stage="pri"):
    """A case with its events: (name, source, target, day[, recorded_at])."""
    opened_on = moves[0][3]
    case = Case.objects.create(
        number=number, child=getattr(house.children, child), source="comparison", why="学籍库在册,教室里没有", school=getattr(house.nodes, school),
        stage=stage, opened_on=opened_on, opened_by=house.people["dropout_officer"],
    )  # fmt: skip
    for name, source, target, day, *recorded in moves:
        happened_at = recorded[0] if recorded else f"{day}T09:00:00+08:00"
        CaseEvent.objects.create(case=case, name=name, source=source, target=target, happened_on=day, recorded_at=happened_at)
    return case


def scan(user):
    pdf = io.BytesIO(b"%PDF-1.4 stamped").getvalue()
    return files.store(pdf, "盖章.pdf", "application/pdf", user)


def hash_of(report):
    return fingerprint(Report.objects.get(pk=report.pk))


def figures(**values):
    """Figures of one line with everything 0 but `values`."""
    total = dict.fromkeys((figure.key for figure in FIGURES), 0) | values
    return {"schema": SCHEMA, "lines": [{"code": "S", "name": "校", "values": total}], "total": total, "reasons": {}, "rates": {}, "late": 0}


