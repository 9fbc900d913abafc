"""A correction is asked by one person, decided by another, holds against later lists, and is refused when the ground has moved."""

import threading
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, connections, transaction

from core.actions import change_requests
from core.actions.change_requests import SUBJECTS, Stale
from core.actions.uploads import store_upload
from core.models import AuditEntry, ChangeRequest
from core.workflow import Refused
from students.actions import corrections, joining
from students.models import Child, Correction
from tests import make
from tests.students.lists import APRIL, load, pupil, resident

NUMBER, RIGHT = "990101201302070023", "990101201302071237"


@pytest.fixture
def child(places, tmp_path):
    load(tmp_path, "hukou", [resident(NUMBER)], **places)
    load(tmp_path, "roll", [pupil(NUMBER)], **places)
    return Child.objects.get()


@pytest.fixture
def clerk(child):
    return make.person("填报员", ("school_clerk", child.enrolments.get().school))


@pytest.fixture
def proof(clerk, settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return store_upload(SimpleUploadedFile("户口簿.pdf", make.PAPER), clerk)


def ask(child, by, field="sex", new="1", proof=None):
    request = change_requests.draft(kind=corrections.KIND, obj=child, field=field, new=new, reason="户口簿如此", by=by, proof=proof)
    return change_requests.submit(request=request, by=by)


def fresh(child):
    return Child.objects.get(pk=child.pk)


@pytest.mark.parametrize(
    ("field", "new", "stored"),
    [
        ("name", " 王 毅 ", "王毅"),
        ("birth_on", "2013-02-08", date(2013, 2, 8)),
        ("sex", "1", "1"),
        ("ethnic", "04", "04"),
        ("number", RIGHT, RIGHT),
    ],
)
def test_what_was_approved_holds_against_the_next_lists(field, new, stored, child, clerk, proof, places, tmp_path):
    change_requests.approve(request=ask(child, clerk, field, new, proof), by=places["by"])
    assert getattr(fresh(child), field) == stored
    load(tmp_path, "hukou", [resident(NUMBER, 与户主关系="女")], as_of=APRIL, **places)
    load(tmp_path, "roll", [pupil(NUMBER, 班级="2班")], as_of=APRIL, **places)
    assert getattr(Child.objects.here().get(), field) == stored
    assert AuditEntry.objects.filter(act="change_approve").count() == 1


def test_a_corrected_name_is_found_by_its_new_sound(child, clerk, proof, places):
    change_requests.approve(request=ask(child, clerk, "name", "单雄", proof), by=places["by"])
    assert (fresh(child).pinyin, fresh(child).name_key) == ("sx", "单雄")


def test_a_corrected_number_joins_the_lists_that_have_it(child, clerk, proof, places, tmp_path):
    change_requests.approve(request=ask(child, clerk, "number", RIGHT, proof), by=places["by"])
    load(tmp_path, "roll", [pupil(RIGHT, 全国学籍号=f"G{NUMBER}", 出生日期="2013-02-07")], as_of=APRIL, **places)
    assert Child.objects.here().get().numbers.count() == 2


def test_a_number_of_another_child_is_no_correction(child, clerk, proof, places, tmp_path):
    load(tmp_path, "roll", [pupil(NUMBER), pupil(RIGHT, "李二")], as_of=APRIL, **places)
    with pytest.raises(Refused, match="合并两条记录"):
        ask(child, clerk, "number", RIGHT, proof)


@pytest.mark.parametrize(
    ("field", "new", "sentence"),
    [
        ("sex", "2", "没有要更正的"), ("sex", "9", "不认识"), ("name", "王", "至少两个字"), ("birth_on", "昨天", "2013-02-07 这样"),
        ("birth_on", "1913-02-07", "不合理"), ("number", "990101201302070024", "校验位不符"), ("name", "王毅", "要附证明"),
    ],
)  # fmt: skip
def test_what_may_not_be_asked(field, new, sentence, child, clerk):
    with pytest.raises(Refused, match=sentence):
        ask(child, clerk, field, new)


def test_one_request_at_a_time(child, clerk):
    ask(child, clerk)
    with pytest.raises(Refused, match="已有一份更正申请"):
        ask(child, clerk)


class TestTwoPeople:
    def test_not_by_who_asked(self, child, places):
        request = ask(child, places["by"])
        with pytest.raises(Refused, match="另一个人"):
            change_requests.approve(request=request, by=places["by"])

    def test_the_database_says_so_too(self, child, places):
        request = ask(child, places["by"])
        with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
            ChangeRequest.objects.filter(pk=request.pk).update(
                state="approved", decided_by=places["by"], decided_at=request.submitted_at
            )  # fmt: skip

    def test_not_by_who_may_not(self, child, clerk):
        principal = make.person("校长", ("principal", child.enrolments.get().school))
        with pytest.raises(Refused, match="审批更正"):
            change_requests.approve(request=ask(child, clerk), by=principal)

    def test_withdrawn_by_who_asked_alone(self, child, clerk, places):
        request = ask(child, clerk)
        with pytest.raises(Refused, match="申请人本人"):
            change_requests.withdraw(request=request, by=places["by"])
        assert change_requests.withdraw(request=request, by=clerk).state == "withdrawn"
        assert ask(child, clerk).state == "submitted"


class TestFrozen:
    @pytest.mark.parametrize("column", ["reason", "field"])
    def test_a_submitted_request_does_not_change(self, column, child, clerk):
        request = ask(child, clerk)
        with pytest.raises(InternalError, match="does not change"), transaction.atomic():
            ChangeRequest.objects.filter(pk=request.pk).update(**{column: "name"})

    def test_it_stays(self, child, clerk):
        request = ask(child, clerk)
        with pytest.raises(InternalError), transaction.atomic():
            request.delete()


class TestStale:
    def test_both_values_are_said_and_nothing_happens(self, child, clerk, places):
        request = ask(child, clerk)
        Child.objects.update(sex="")
        with pytest.raises(Stale) as refusal:
            change_requests.approve(request=request, by=places["by"])
        assert (refusal.value.was, refusal.value.now) == ("女", "")
        assert ChangeRequest.objects.get().state == "submitted"
        assert not Correction.objects.exists()

    def test_a_record_that_was_merged_is_gone(self, child, clerk, places, tmp_path):
        request = ask(child, clerk)
        load(tmp_path, "hukou", [resident(NUMBER), resident(RIGHT, "李二")], as_of=APRIL, **places)
        joining.merge(source=child, target=Child.objects.get(name="李二"), reason="户口簿核对过", by=places["by"])
        with pytest.raises(Refused, match="已合并到别的记录"):
            change_requests.approve(request=request, by=places["by"])
        assert change_requests.refuse(request=request, decision="记录已合并", by=places["by"]).state == "refused"


def test_a_refusal_needs_words(child, clerk, places):
    with pytest.raises(Refused, match="写明理由"):
        change_requests.refuse(request=ask(child, clerk), decision=" ", by=places["by"])


def test_every_field_can_be_read_and_written():
    assert {field.name for field in SUBJECTS[corrections.KIND].fields} == set(Correction.Field.values)


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_decide_once():
    county = make.county()
    school = make.node("school", "东关小学", county)
    child = make.child("东小明", (school, "on_roll"))
    make.enrolment(child, school)
    clerk = make.person("填报员", ("school_clerk", school))
    officers = [make.person(f"学籍员{n}", ("roll_officer", county)) for n in range(2)]
    request = ask(child, clerk, new="2")
    start, answers = threading.Barrier(2), []

    def decide(officer):
        start.wait()
        try:
            change_requests.approve(request=request, by=officer)
            answers.append("approved")
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("approved") == 1
    assert any("已更正" in answer for answer in answers)
    assert Correction.objects.count() == 1
