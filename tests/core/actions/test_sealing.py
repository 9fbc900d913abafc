"""The audit's chain: whatever the owner of the tables does to it behind the triggers is found and named; untouched, it verifies."""

import io
import random
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import override_settings
from django.utils import timezone

from core import audit, tasks
from core.actions import proving, sealing
from core.models import AuditEntry, AuditHead, AuditSeal
from tests.harness import as_owner

SEED = 20200301
COLUMNS = {
    "at": "at + interval '1 second'", "actor_id": "coalesce(actor_id, 0) + 1", "actor_name": "actor_name || '某'", "act": "act || 'x'",
    "outcome": "case outcome when 'refused' then 'done' else 'refused' end", "organization_id": "coalesce(organization_id, 0) + 1",
    "subject_kind": "subject_kind || 'x'", "subject_id": "subject_id || '1'", "detail": "detail || '{\"rows\": 99}'",
    "reason": "reason || '。'", "request_id": "request_id || '0'", "address": "address || '1'", "id": "id + 1000000",
}  # fmt: skip


def write(house, count=12):
    units = [None, house.nodes.school, house.nodes.other_school, house.nodes.township]
    for number in range(count):
        audit.record("looked", by=house.people["principal"], organization=units[number % 4], reason=f"第{number}次", rows=number)


def found(moment=None, **named):
    with sealing.alone():
        return list(proving.faults(moment or timezone.now(), **named))


def seal(moment=None):
    return sealing.seal_entries(moment or timezone.now())


def said(*arguments):
    out = io.StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestSealing:
    def test_each_unit_has_its_own_chain(self, house):
        write(house)
        assert seal() == AuditEntry.objects.count()
        school = AuditSeal.objects.filter(chain=house.nodes.school.pk).order_by("sequence")
        ids = list(AuditEntry.objects.filter(organization_id=house.nodes.school.pk).order_by("pk").values_list("pk", flat=True))
        assert [(seal.entry_id, seal.sequence) for seal in school] == [(pk, place) for place, pk in enumerate(ids, 1)]
        assert AuditSeal.objects.filter(chain=0).exists()  # the entries of no unit
        assert found() == []

    def test_a_second_run_seals_only_what_is_new_and_links_it(self, house, monkeypatch):
        monkeypatch.setattr(sealing, "BATCH", 5)
        write(house)
        seal()
        assert seal() == 0
        write(house, 3)
        tasks.seal_audit()
        heads = list(AuditHead.objects.order_by("number"))
        assert len(heads) > 2
        assert [bytes(head.previous) for head in heads[1:]] == [bytes(head.mac) for head in heads[:-1]]
        assert heads[-1].entries == AuditEntry.objects.count() == AuditSeal.objects.count()
        assert found() == []

    def test_queries_do_not_grow_with_the_entries(self, house, django_assert_max_num_queries):
        write(house, 60)
        with django_assert_max_num_queries(14):
            seal()

    def test_an_act_undone_leaves_neither_entry_nor_seal(self, house):
        seal()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            audit.record("looked", by=None)
            raise ZeroDivisionError
        assert seal() == 0
        assert found() == []

    @pytest.mark.parametrize("model", [AuditSeal, AuditHead])
    @pytest.mark.parametrize("change", [lambda rows: rows.update(mac=bytes(32)), lambda rows: rows.delete()])
    def test_seals_are_never_changed(self, house, model, change):
        write(house, 1)
        seal()
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            change(model.objects.all())

    def test_an_entry_whose_transaction_ended_late_is_sealed_behind_the_younger_ones(self, house):
        late = audit.record("looked", by=None)
        younger = audit.record("looked", by=None)
        with pytest.MonkeyPatch.context() as patch:  # as if `late` were not committed yet: only what is above it is taken
            patch.setattr(sealing, "watermark", lambda moment: late.pk)
            seal()
        seal()
        places = dict(AuditSeal.objects.filter(chain=0).values_list("entry_id", "sequence"))
        assert places[late.pk] > places[younger.pk]
        assert found() == []


@pytest.mark.django_db
class TestCommand:
    def test_it_proves_and_seals(self, house):
        write(house)
        text = said()
        assert "完好" in text
        assert AuditSeal.objects.count() == AuditEntry.objects.count()
        assert re.search(r"审计锚 \d{4}-\d\d-\d\d：1-[0-9a-f]{32}", text)
        assert said("--only-prove")

    def test_an_unsealed_tail_is_named_when_nothing_may_be_sealed(self, house):
        seal()
        write(house, 3)
        with pytest.raises(CommandError, match="尾部有 3 条还没有封存"):
            said("--only-prove")
        assert "完好" in said()

    def test_another_key_is_told_from_tampering(self, house):
        write(house)
        seal()
        with override_settings(INDEX_KEY=b"?" * 32), pytest.raises(CommandError, match="索引密钥"):
            said()

    def test_an_anchor_of_paper(self, house):
        write(house)
        seal()
        anchor = sealing.newest_head().anchor
        write(house, 2)
        seal()
        assert "完好" in said("--anchor", anchor)
        for wrong in (anchor[:-1] + ("0" if anchor[-1] != "0" else "1"), "99-" + "0" * 32, "第一次", anchor.partition("-")[0]):
            with pytest.raises(CommandError, match="审计锚"):
                said("--anchor", wrong)

    def test_before_the_first_sealing(self):
        assert sealing.anchor_words() == ""
        assert "还没有封存过" in said()


def change_a_column(pick, run):
    column = pick.choice(sorted(COLUMNS))
    run(f"update core_auditentry set {column} = {COLUMNS[column]} where id = %s", [pick.choice(entries())])


def delete_an_entry(pick, run):
    run("delete from core_auditentry where id = %s", [pick.choice(entries())])


def delete_an_entry_with_its_seal(pick, run):
    gone = [pick.choice(entries())]
    run("delete from core_auditentry where id = %s", gone)
    run("delete from core_auditseal where entry_id = %s", gone)


def insert_between(pick, run):
    columns = "actor_name, act, outcome, subject_kind, subject_id, detail, reason, request_id, address"
    copied = f"select id - 1, at, {columns} from core_auditentry where id = (select min(id) from core_auditentry)"
    run(f"insert into core_auditentry (id, at, {columns}) overriding system value {copied}")


def swap_two_entries(pick, run):
    first, second = pick.sample(entries(), 2)
    run("update core_auditentry set id = -1 where id = %s", [first])
    run("update core_auditentry set id = %s where id = %s", [first, second])
    run("update core_auditentry set id = %s where id = -1", [second])


def swap_two_places(pick, run):
    chain = pick.choice(list(AuditSeal.objects.filter(sequence=2).values_list("chain", flat=True)))
    for old, new in ((1, -1), (2, 1), (-1, 2)):
        run("update core_auditseal set sequence = %s where chain = %s and sequence = %s", [new, chain, old])


def swap_what_is_sealed(pick, run):
    first, second = pick.sample(entries(), 2)
    for old, new in ((first, -1), (second, first), (-1, second)):
        run("update core_auditseal set entry_id = %s where entry_id = %s", [new, old])


def cut_the_tail_of_a_chain(pick, run):
    chain = pick.choice(list(AuditSeal.objects.filter(sequence=2).values_list("chain", flat=True)))
    run("delete from core_auditentry where coalesce(organization_id, 0) = %s and id in"
        " (select entry_id from core_auditseal where chain = %s and sequence > 1)", [chain, chain])  # fmt: skip
    run("delete from core_auditseal where chain = %s and sequence > 1", [chain])


def remove_a_chain(pick, run):
    chain = pick.choice(list(AuditSeal.objects.values_list("chain", flat=True)))
    run("delete from core_auditentry where coalesce(organization_id, 0) = %s", [chain])
    run("delete from core_auditseal where chain = %s", [chain])


def remove_a_run(pick, run):
    number = pick.choice(list(AuditHead.objects.values_list("number", flat=True))[1:])  # not the newest: that takes an anchor
    run("delete from core_auditentry where id in (select entry_id from core_auditseal where head = %s)", [number])
    run("delete from core_auditseal where head = %s", [number])
    run("delete from core_audithead where number = %s", [number])


def change_a_seal(pick, run):
    column, value = pick.choice([("mac", "sha256(mac)"), ("previous", "sha256(mac)"), ("day", "day + 1"), ("chain", "chain + 7777")])
    run(f"update core_auditseal set {column} = {value} where entry_id = %s", [pick.choice(entries())])


def change_a_head(pick, run):
    column, value = pick.choice(
        [("mac", "sha256(mac)"), ("previous", "sha256(mac)"), ("entries", "entries + 1"), ("last_entry", "last_entry - 1"),
         ("sealed_at", "sealed_at - interval '1 day'"), ("number", "number + 50"), ("key", "'\\x00000000'")]
    )  # fmt: skip
    run(
        f"update core_audithead set {column} = {value} where number = %s", [pick.choice(AuditHead.objects.values_list("number", flat=True))]
    )


TAMPERINGS = (
    change_a_column, delete_an_entry, delete_an_entry_with_its_seal, insert_between, swap_two_entries, swap_two_places, swap_what_is_sealed,
    cut_the_tail_of_a_chain, remove_a_chain, remove_a_run, change_a_seal, change_a_head,
)  # fmt: skip


def entries():
    return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
class TestTampering:
    """By the role that owns the tables, with every trigger off; each is undone before the next."""

    TIMES = 200

    @pytest.fixture
    def log(self, house):
        long_ago = timezone.now() - timedelta(days=2)
        for turn in range(4):
            write(house, 12)
            seal(long_ago + timedelta(hours=turn))

    @pytest.fixture
    def owner(self, log):
        with as_owner() as link, link.cursor() as cursor:
            for table in ("entry", "seal", "head"):
                cursor.execute(f"alter table core_audit{table} disable trigger user")
            try:
                yield cursor
            finally:
                for table in ("entry", "seal", "head"):
                    cursor.execute(f"alter table core_audit{table} enable trigger user")

    def test_all_are_found_and_the_untouched_log_verifies(self, owner):
        pick, missed = random.Random(SEED), []
        assert found() == []  # the negative control
        for turn in range(self.TIMES):
            tamper = TAMPERINGS[turn % len(TAMPERINGS)]
            with transaction.atomic():
                tamper(pick, owner.execute)
                if not found():
                    missed.append((turn, tamper.__name__))
                transaction.set_rollback(True)
        assert missed == []
        assert found() == []

    def test_the_sentence_names_chain_number_and_day(self, owner, house):
        place = AuditSeal.objects.get(chain=house.nodes.school.pk, sequence=3)
        named = rf"“{house.nodes.school.name}”审计链第 3 号（A{place.entry_id:08d}，{place.day}）"
        for statement, why in (
            ("update core_auditentry set reason = '别的' where id = %s", "内容与封存时不一致"),
            ("delete from core_auditentry where id = %s", "记录不见了"),
        ):
            with transaction.atomic():
                owner.execute(statement, [place.entry_id])
                with pytest.raises(CommandError, match=f"{named}：{why}"):
                    said()
                transaction.set_rollback(True)

    def test_nothing_is_sealed_on_a_broken_chain_by_the_command(self, owner, house):
        write(house, 2)
        with transaction.atomic():
            delete_an_entry(random.Random(SEED), owner.execute)
            with pytest.raises(CommandError, match="没有通过"):
                said()
            assert AuditSeal.objects.filter(entry_id__gt=max(entries()[:-2])).count() == 0
            transaction.set_rollback(True)

    def test_only_paper_tells_a_log_cut_off_behind_its_last_head(self, owner):
        """What the chain alone cannot know, and why its head is printed."""
        last = sealing.newest_head()
        with transaction.atomic():
            owner.execute("delete from core_auditentry where id in (select entry_id from core_auditseal where head = %s)", [last.number])
            owner.execute("delete from core_auditseal where head = %s", [last.number])
            owner.execute("delete from core_audithead where number = %s", [last.number])
            assert found() == []
            assert "找不到" in found(anchor=last.anchor)[0]
            transaction.set_rollback(True)
