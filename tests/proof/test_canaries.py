"""Nothing sensitive where it does not belong (reliability.md F21, P17): two hundred values go in by every path, well and badly; then the
logs,
addresses, the queue, sessions, the database as a dump, temporary and stored files and the pages of errors are searched for them.
"""

import io
import logging
import tempfile
from contextlib import suppress
from datetime import date
from itertools import cycle
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config import logs
from config.celery import app
from config.environment import broker_url
from core import file_runs
from core.models import ChangeRequest, FileRun, Parameter
from students.imports import staging
from students.models import Child, SourceSnapshot
from tests import cast, make
from tests.dropout import access as dropout
from tests.proof.canary import Net, two_hundred

TODAY = date(2020, 5, 1)
HUKOU = "户号,户主姓名,与户主关系,姓名,性别,出生日期,公民身份号码,乡镇,村(居),住址,联系电话,银行卡号\n"
DISABLED = "姓名,身份证号,残疾人证号,残疾类别,残疾等级,乡镇,村(居),住址,联系电话,备注\n"
ROLL = "学校标识码,学校名称,年级,班级,姓名,身份证件号,出生日期,家庭住址,联系电话,残疾类型\n"
OWN_PAPERS = {  # where the sentence of a visit or a reason and the words of a disability stand in clear: design.md §3 seals numbers
    "dropout_visit", "dropout_removal", "students_listrow", "students_stagedrow", "students_rowissue",
}  # fmt: skip


class Intruder:
    """Signed in as people of the cast; keeps what a browser's history, a proxy and a screenshot of an error would keep."""

    def __init__(self, house, net):
        self.house, self.net, self.seen, self.asked, self.values = house, net, [], 0, {}
        self.kinds = {kind: cycle(made) for kind, made in two_hundred().items()}

    def take(self, kind):
        canary = next(self.kinds[kind])
        self.values[canary.text] = canary
        return canary.text

    def as_(self, who):
        client = Client(raise_request_exception=False)
        if who:
            client.force_login(self.house.people[who])
        return client

    def ask(self, who, method, url, given=None, client=None):
        response = getattr(client or self.as_(who), method)(url, given or {})
        self.asked += 1
        body = b"".join(response.streaming_content) if response.streaming else response.content
        self.seen += self.net.hits(f"address after {method} {url[:40]}", response.headers.get("Location", ""))
        for name, value in response.headers.items():
            self.seen += self.net.hits(f"header {name}", value)
        if response.status_code in (400, 403, 404, 405, 409, 500, 503):
            self.seen += self.net.hits(f"page of {response.status_code} after {url[:40]}", body)
        return response

    def post(self, who, name, given, *arguments):
        return self.ask(who, "post", reverse(name, args=arguments), given)


def work():
    """What a worker would do; the ids lie in the queue."""
    for run in FileRun.objects.filter(state="waiting").order_by("pk"):
        file_runs.execute(run.pk)


def send(ask, who, kind, content, name):
    given = {"kind": kind, "as_of": "2020-03-01", "supplier": "县", "coverage": ask.house.nodes.root.public_id}
    content = content.encode() if isinstance(content, str) else content
    ask.post(who, "students:snapshot_upload", given | {"file": SimpleUploadedFile(name, content)})
    work()
    return SourceSnapshot.objects.order_by("pk").last()


def row_of(ask, head, number, bad):
    """One line of a list; every third has something wrong with it."""
    identity, born = ask.take("identity"), ""
    born = f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}"
    name, identity = ("", identity) if bad == 1 else (f"童{number}", identity[:-1] + "?" if bad == 2 else identity)
    values = {
        "户号": f"K{number}", "户主姓名": "户主丙", "与户主关系": "子", "姓名": name, "性别": "男", "出生日期": "2010-02-30" if bad == 3 else born,
        "公民身份号码": identity, "身份证号": identity, "身份证件号": identity, "乡镇": "东关镇", "村(居)": "东一村",
        "住址": ask.take("address"), "家庭住址": ask.take("address"), "联系电话": ask.take("phone") + ("x" if bad == 2 else ""),
        "银行卡号": ask.take("bank"), "残疾人证号": ask.take("identity") + "43", "残疾类别": ask.take("note") if bad else "肢体", "残疾等级": "二级",
        "备注": ask.take("note"), "学校标识码": "S01", "学校名称": "东关小学", "年级": "三年级", "班级": "二班", "残疾类型": "",
    }  # fmt: skip
    return ",".join(values[key] for key in head.strip().split(",")) + "\n"


def lists(ask):
    """Good rows, rows with faults, a column nobody knows, broken workbooks, a reading that falls over with a row in its hands."""
    for kind, head in (("hukou", HUKOU), ("disabled", DISABLED), ("roll", ROLL)):
        text = head + "".join(row_of(ask, head, number, number % 4) for number in range(12))
        snapshot = send(ask, "roll_officer", kind, text, f"{kind}.csv")
        if snapshot.asks_columns:
            ask.ask("roll_officer", "get", reverse("students:snapshot_columns", args=[snapshot.public_id]))
            given = {f"sheet-0-{index}": "" for index in range(20)}
            ask.post("roll_officer", "students:snapshot_columns", given, snapshot.public_id)
            call_command("run_waiting", stdout=io.StringIO())
        for part in ("", "?part=refused", "?part=new", "?part=warnings"):
            ask.ask("roll_officer", "get", reverse("students:snapshot_detail", args=[snapshot.public_id]) + part)
        ask.post("roll_officer", "students:snapshot_annotated", {}, snapshot.public_id)
        ask.post("bureau_admin", "students:snapshot_approve", {}, snapshot.public_id)
        work()
    values = f"{ask.take('identity')},{ask.take('phone')},{ask.take('address')},{ask.take('bank')}\n"
    send(ask, "roll_officer", "hukou", values * 3, "没有表头.csv")
    send(ask, "roll_officer", "hukou", b"PK\x03\x04" + values.encode(), "坏.xlsx")
    send(ask, "roll_officer", "roll", (ROLL + values).encode("gb18030") + b"\xff\xff", "坏编码.csv")


def falls_over(ask, monkeypatch):
    """A job and a page that fail with the values in their hands and the numbers in their words."""
    number, phone, bank = ask.take("identity"), ask.take("phone"), ask.take("bank")

    def reading(*arguments, **named):
        held = [ask.take("address"), ask.take("note"), ask.take("identity")]
        raise ValueError(f"row of {number}, {phone} with {len(held)} cells, account {bank}")

    with monkeypatch.context() as patch:
        patch.setattr(staging, "Reading", reading)
        send(ask, "roll_officer", "roll", ROLL + row_of(ask, ROLL, 90, 0), "摔倒.csv")
    with monkeypatch.context() as patch:
        patch.setattr("archives.views.children.render", reading)
        response = ask.ask("bureau_admin", "get", reverse("archives:child_detail", args=[ask.house.children.own.public_id]))
        assert response.status_code == 500


def forms(ask):
    child, household = ask.house.children.own, ask.house.households.own
    for turn in range(12):
        good = {"kind": "carer", "name": "东奶奶", "since": "2020-04-01", "phone": ask.take("phone"), "address": ask.take("address")}
        bad = good | {"phone": ask.take("phone") + "#", "since": "2999-01-01"}
        for given in (good, bad):
            ask.post("village_liaison", "students:child_contact_record", given, child.public_id)
            ask.post("village_liaison", "students:household_contact_record", given | {"address": ask.take("address")}, household.public_id)
        found = {"name": f"寻{turn}", "sex": "1", "age": "8", "village": ask.house.nodes.village.pk, "phone": ask.take("phone"),
                 "whereabouts": "外地", "number": ask.take("identity"), "found_on": "2020-04-01"}  # fmt: skip
        ask.post("village_liaison", "students:found_new", found)
        ask.post("village_liaison", "students:found_new", found | {"number": ask.take("identity")[:-1], "found_on": "x"})
    proof = SimpleUploadedFile("p.pdf", b"%PDF-1.4 proof", "application/pdf")
    for text in (ask.take("identity"), ask.take("identity")[:-2]):
        asked = {"field": "number", "text": text, "reason": "户口簿如此", "proof": proof}
        ask.post("school_clerk", "students:correction_request", asked, child.public_id)
        proof.seek(0)
    for change in ChangeRequest.objects.all():
        url = reverse("core:change_detail", args=[change.public_id])
        ask.ask("school_clerk", "post", url, {"step": "submit"})
        ask.ask("bureau_admin", "get", url)
        ask.ask("bureau_admin", "post", url, {"step": "approve", "reason": ""})


def cases(ask):
    case = dropout.case_of(ask.house, "own")
    visit = {"met": ["father"], "mode": "phone", "reply": "hesitant", "happened_on": "2020-04-02", "officers": "王四"}
    for turn in range(6):
        given = visit | {"notes": ask.take("note"), "phone": ask.take("phone")}
        ask.post("township_officer", "dropout:visit_record", given | ({"met": []} if turn % 2 else {}), case.public_id)
    removal = {"reason": "01", "statement": ask.take("note"), "reply_number": "x"}
    for name in ("propose_removal", "confirm", "assign"):
        ask.post("dropout_officer", "dropout:case_transition", removal | {"level-0-phone": ask.take("phone")}, case.public_id, name)
    for name, arguments in (("dropout:case_detail", [case.public_id]), ("dropout:case_print", [case.public_id, "persuasion-record"])):
        ask.ask("bureau_admin", "get", reverse(name, args=arguments))


def searches(ask):
    for kind in ("identity", "phone", "bank"):
        for _ in range(12):
            text = ask.take(kind)
            ask.post("principal", "students:child_search", {"q": text})
            ask.ask("principal", "get", f"{reverse('students:child_list')}?q={text}")
            ask.ask("principal", "get", f"/nothing/{text}/")
            ask.ask("principal", "get", f"/children/{text}/?number={text}")
            ask.post("roll_officer", "students:record_join", {"q": text}, ask.house.children.own.public_id)
            ask.post("principal", "students:child_export", {"reason": "核对学籍信息"})
    for kind in ("identity", "phone"):
        client = ask.as_(None)
        for _ in range(7):
            given = {"username": ask.take(kind), "password": ask.take("bank"), "next": "/"}
            ask.ask("", "post", reverse("core:sign_in"), given, client=client)
    for _ in range(3):
        ask.ask("", "post", reverse("core:sign_in"), {"username": "principal", "password": ask.take("identity")})


def rolls(ask):
    """Attendance by file with numbers where none belong, a child from elsewhere by its number, exports with numbers in full."""
    text = "班级,日期,时段,姓名,考勤,备注\n" + "".join(
        f"二班,2020-03-0{2 + turn % 3},上午,{ask.take('identity')},缺勤,{ask.take('phone')} {ask.take('address')}\n" for turn in range(6)
    )
    ask.post("school_clerk", "students:attendance_import", {"file": SimpleUploadedFile("考勤.csv", text.encode())})
    for _ in range(4):
        ask.post("school_clerk", "students:roll_change_arrival", {"number": ask.take("identity"), "name": "来一", "kind": "transfer_in"})
    ask.ask("bureau_admin", "post", reverse("archives:child_unmask", args=[ask.house.children.own.public_id]), {"reason": "核对证件号码"})
    ask.post("bureau_admin", "students:household_export", {"reason": "核对证件号码"}, ask.house.households.own.public_id)
    work()


def commands(ask, folder):
    path = Path(folder) / "命令.csv"
    path.write_text(HUKOU + row_of(ask, HUKOU, 95, 0) + row_of(ask, HUKOU, 96, 1), encoding="utf-8")
    for arguments in (["hukou", str(path), "--as-of", "2020-04-01", "--by", "roll_officer", "--map", "银行卡号="], ["roll", str(path),
        "--as-of",
                      "2020-04-01", "--by", "roll_officer"]):  # fmt: skip
        said = io.StringIO()
        with suppress(CommandError):
            call_command("import_file", *arguments, stdout=said, stderr=said)
        ask.seen += ask.net.hits("what a command says", said.getvalue())
    path.unlink()


@pytest.fixture
def places(settings, tmp_path, monkeypatch, redis_url):
    """Logs, temporary and stored files in folders of their own, a real queue."""
    folders = {name: tmp_path / name for name in ("log", "temporary", "files", "exports")}
    for folder in folders.values():
        folder.mkdir()
    settings.FILES_ROOT, settings.EXPORT_ROOT, settings.DEBUG = folders["files"], folders["exports"], False
    monkeypatch.setattr(tempfile, "tempdir", str(folders["temporary"]))
    monkeypatch.setenv("TMPDIR", str(folders["temporary"]))
    kept = {name: app.conf[name] for name in ("task_always_eager", "broker_url")}
    app.conf.update(task_always_eager=False, broker_url=broker_url(redis_url))
    handler = logging.FileHandler(folders["log"] / "all.log", encoding="utf-8")
    handler.setFormatter(logs.JsonFormatter())
    for name in (None, "django.request", "django_structlog", "axes", "celery", "core"):
        logging.getLogger(name).addHandler(handler)
    yield folders
    for name in (None, "django.request", "django_structlog", "axes", "celery", "core"):
        logging.getLogger(name).removeHandler(handler)
    handler.close()
    app.conf.update(kept)


def everywhere(net, places, redis_url):
    """{kind of place: hits}."""
    home = Path(django_settings.NOL_HOME)
    servers = [hit for path in sorted(home.rglob("*.log")) for hit in net.hits(path.name, path.read_bytes())]
    return {
        "logs": net.in_folder(places["log"]), "logs of PostgreSQL and Redis": servers,
        "temporary files": net.in_folder(places["temporary"]),
        "stored files": net.in_folder(places["files"]) + net.in_folder(places["exports"]),
        "queue and task arguments": net.in_redis(redis.Redis.from_url(redis_url)), "sessions": net.in_sessions(),
        "database as a dump": net.in_tables(OWN_PAPERS),
    }  # fmt: skip


@pytest.fixture
def ask():
    house = cast.build()
    for number, node in enumerate((house.nodes.school, house.nodes.other_school)):
        make.enrolment(house.children.own if number == 0 else house.children.foreign, node)
    return Intruder(house, Net([canary for made in two_hundred().values() for canary in made]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.expects_errors
class TestCanaries:
    def test_two_hundred_values_by_every_path(self, ask, places, redis_url, monkeypatch, tally):
        begun = timezone.now()
        for path in (lists, forms, cases, searches, rolls):
            path(ask)
        falls_over(ask, monkeypatch)
        commands(ask, places["files"].parent)
        assert len(ask.values) == 200, f"only {len(ask.values)} of 200 went in"
        assert Child.objects.count() > 8
        assert FileRun.objects.filter(state="failed").exists()
        assert (places["log"] / "all.log").stat().st_size > 1000
        found = everywhere(ask.net, places, redis_url) | {"addresses, headers and error pages": ask.seen}
        for place, hits in found.items():
            listed = sorted({(where, kind, form) for where, kind, form, _ in hits})
            tally("canaries", f"200 values, {place}", 200, len({hit[3] for hit in hits}), str(listed[:12]) if listed else "")
        assert timezone.now() > begun

    def test_each_kind_of_leak_is_found(self, ask, places, redis_url, tally):
        """The negative control: a logger that tells, a clear column, a file left behind, a number in the queue and in a session."""
        number, address = ask.take("identity"), ask.take("address")
        logging.getLogger("core").warning("moved to %s", address)
        Parameter.objects.create(name="leak", since=TODAY, value=number[::-1])
        (places["temporary"] / "left.csv").write_bytes(address.encode("gb18030"))
        (places["files"] / "open").write_text(number.encode().hex())
        client = redis.Redis.from_url(redis_url)
        client.rpush("leak", number)
        session = ask.as_("principal").session
        session["q"] = address
        session.save()
        found = everywhere(ask.net, places, redis_url)
        client.delete("leak")
        for place, hits in found.items():
            if place != "logs of PostgreSQL and Redis":
                tally("canaries", place, 1, len(hits), control=True)

    def test_the_sealed_columns_did_take_them(self, ask, tally):
        """What was not found was there: the canaries lie in the database, sealed."""
        phone = ask.take("phone")
        ask.post("village_liaison", "students:child_contact_record",
                 {"kind": "carer", "name": "东奶奶", "since": "2020-04-01", "phone": phone}, ask.house.children.own.public_id)  # fmt: skip
        assert Child.objects.get(pk=ask.house.children.own.pk).phone == phone
        with connection.cursor() as cursor:
            cursor.execute("select encode(phone, 'escape') from students_contact")
            assert phone not in cursor.fetchone()[0]
