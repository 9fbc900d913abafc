"""The way of a report, in both layers: the sentence of the application, and the refusal of the database."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from archives.actions import filing, signing
from archives.actions.moves import why_not
from archives.models import Report, ReportEvent
from archives.workflow import MONTHLY_REPORT
from core.models import AuditEntry, Signature
from core.workflow import Refused
from tests import make
from tests.archives.world import FILED_ON, SIGNED_ON, STAGES, a_case, accepted, accepted_by_group, filed, fresh, made, signed, written

pytestmark = pytest.mark.django_db

STATES = tuple(STAGES)
MOVES = {(source, transition.target) for transition in MONTHLY_REPORT.transitions for source in transition.sources}


def test_the_whole_way(schools):
    report = accepted(schools)
    people = schools.people
    assert (report.filed_by, report.signed_by) == (people["school_clerk"], people["principal"])
    assert (report.group_accepted_by, report.accepted_by) == (people["group_head"], people["dropout_officer"])
    assert [event.name for event in report.events.all()] == ["made", "file", "sign", "accept_by_group", "accept_by_bureau"]
    assert list(Signature.objects.order_by("pk").values_list("meaning", "role")) == [
        ("校长签字", "principal"), ("教育组接收", "group_head"), ("教育局接收", "dropout_officer"),
    ]  # fmt: skip
    assert set(Signature.objects.values_list("sha256", flat=True)) == {report.content_sha256}
    assert AuditEntry.objects.filter(act="report_sign", actor_id=people["principal"].pk).exists()


@pytest.mark.parametrize("source", STATES)
@pytest.mark.parametrize("target", STATES)
def test_the_database_knows_the_same_moves(schools, source, target):
    report = STAGES[source](schools)
    if source == target:
        return
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        Report.objects.filter(pk=report.pk).update(state=target)
    by_table = "transition" in str(refusal.value).lower()
    assert by_table is ((source, target) not in MOVES), "a move of the table fails for its missing facts, any other for being none"


def test_a_report_begins_as_a_draft_and_is_never_deleted(schools):
    report = made(schools)
    with pytest.raises(DatabaseError), transaction.atomic():
        Report.objects.create(
            period="2020-05", organization=report.organization, organization_name="x", state="filed", starts_after=date(2020, 4, 20),
            ends_on=date(2020, 5, 20), due_on=date(2020, 5, 25),
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="delete"), transaction.atomic():
        Report.objects.filter(pk=report.pk).delete()


def test_the_database_keeps_the_content_of_a_filed_report(schools):
    report = filed(schools)
    for field, value in (("figures", {}), ("texts", {}), ("content_sha256", "0" * 64), ("organization_name", "别的学校")):
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**{field: value})


@pytest.mark.parametrize(
    ("stage", "fields", "constraint"),
    [
        (signed, {"signed_by": "school_clerk"}, "report_signer_is_another"),
        (accepted_by_group, {"group_accepted_by": "principal"}, "report_group_is_another"),
        (accepted, {"accepted_by": "group_head"}, "report_bureau_is_another"),
        (accepted, {"group_accepted_on": None}, "report_group_accepted"),
        (signed, {"sent_on": None}, "report_signed"),
        (filed, {"filed_on": None}, "report_filed"),
        (made, {"returned_on": date(2020, 3, 24)}, "report_returned"),
        (made, {"zero_report": True}, "report_zero_named"),
        (made, {"version": 2}, "report_correction"),
        (made, {"accepted_on": date(2020, 3, 24)}, "report_accepted"),
    ],
)
def test_state_and_dates_and_persons_belong_together(schools, stage, fields, constraint):
    report = stage(schools)
    fields = {name: schools.people[value] if isinstance(value, str) else value for name, value in fields.items()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(**fields)


def test_one_person_with_two_roles_does_not_do_two_steps(schools):
    both = make.person(
        "both",
        ("school_clerk", schools.nodes.school),
        ("principal", schools.nodes.school),
        ("group_head", schools.nodes.group),
        name="身兼数职",
    )
    report = written(made(schools), schools)
    report = filing.file(report=report, shown=filing.figures_now(report), by=both, on=FILED_ON)
    assert why_not(report, "sign", both) == "签字要由另一个人办理：前一步是您本人经手的。"
    report = signing.sign(report=report, sha256=report.content_sha256, by=schools.people["principal"], on=SIGNED_ON)
    with pytest.raises(Refused, match="另一个人"):
        signing.accept(report=report, sha256=report.content_sha256, by=both, on=SIGNED_ON)


@pytest.mark.parametrize("who", ["school_clerk", "class_teacher", "auditor", "foreign_principal", "bureau_admin"])
def test_only_the_principal_of_the_school_signs(schools, who):
    report = filed(schools)
    with pytest.raises(Refused):
        signing.sign(report=report, sha256=report.content_sha256, by=schools.people[who], on=SIGNED_ON)
    assert fresh(schools).state == "filed"
    assert not Signature.objects.exists()


def test_the_group_accepts_before_the_bureau(schools):
    report = signed(schools)
    assert why_not(report, "accept", schools.people["dropout_officer"]) == "先由教育组接收，教育局再接收。"
    assert why_not(report, "accept", schools.people["group_head"]) is None


def test_a_school_directly_under_the_bureau_goes_there_at_once(schools):
    direct = make.node("school", "县直中学", schools.nodes.root)
    from students.models import Section

    Section.objects.create(school=direct, stage="jun")
    schools.nodes.direct = direct
    clerk, principal = make.person("dc", ("school_clerk", direct)), make.person("dp", ("principal", direct))
    made(schools)
    report = fresh(schools, "direct")
    report = filing.save_texts(report=report, texts={str(n): "已落实" for n in range(1, 6)}, revision=1, by=clerk)
    report = filing.file(report=report, shown=filing.figures_now(report), by=clerk, on=FILED_ON)
    report = signing.sign(report=report, sha256=report.content_sha256, by=principal, on=SIGNED_ON)
    report = signing.accept(report=report, sha256=report.content_sha256, by=schools.people["dropout_officer"], on=SIGNED_ON)
    assert (report.state, report.group_accepted_on) == ("accepted", None)


@pytest.mark.parametrize(
    ("stage", "who"), [(filed, "principal"), (signed, "group_head"), (accepted_by_group, "dropout_officer"), (signed, "dropout_officer")]
)
def test_each_receiver_can_send_it_back_with_a_reason(schools, stage, who):
    report = signing.send_back(report=stage(schools), reason="在校生数与花名册不符", by=schools.people[who], on=SIGNED_ON)
    assert (report.state, report.content_sha256, report.signed_by, report.filed_by) == ("draft", "", None, None)
    assert report.returned_reason == "在校生数与花名册不符"
    again = filing.file(report=report, shown=filing.figures_now(report), by=schools.people["school_clerk"], on=SIGNED_ON)
    assert again.returned_reason == "在校生数与花名册不符"
    assert ReportEvent.objects.get(report=report, target="draft", source__gt="").reason == "在校生数与花名册不符"


def test_a_return_without_a_reason_is_refused(schools):
    with pytest.raises(Refused, match="原因"):
        signing.send_back(report=filed(schools), reason="  ", by=schools.people["principal"], on=SIGNED_ON)


def test_what_is_accepted_is_not_sent_back(schools):
    with pytest.raises(Refused, match="教育局已接收"):
        signing.send_back(report=accepted(schools), reason="x", by=schools.people["dropout_officer"], on=SIGNED_ON)


def test_the_log_is_append_only(schools):
    event = made(schools).events.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportEvent.objects.filter(pk=event.pk).update(reason="x")


def test_the_diagram_is_drawn_from_the_table():
    assert "filed --> signed: 签字 (sign_report)" in MONTHLY_REPORT.diagram()


def test_a_case_of_the_month_is_no_zero_report(schools):
    a_case(schools, "疑1", [("open", "", "suspected", date(2020, 3, 10))])
    report = made(schools)
    with pytest.raises(Refused, match="不能报零报告"):
        filing.file(report=report, shown=report.figures, by=schools.people["school_clerk"], on=FILED_ON, zero_checked_by="李三")
