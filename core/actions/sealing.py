"""The audit's one sealer: entries get a sequence and an HMAC-SM3 chain for each unit, run by run (AuditSeal, AuditHead).

Entries of a long transaction appear behind younger ones that are sealed already, so a chain runs in the order of sealing. What still
appears below the numbers sealed LATE ago was not written by the system: it is never sealed, and core.actions.proving names it.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta

from django.db import connection, transaction
from django.utils import timezone

from core.crypto import Indexer
from core.models import AuditHead, AuditSeal

BATCH = 5000
LATE = timedelta(hours=6)  # longer than any transaction lives
LOCK = "hashtext('core.audit_seal')"
NOTHING = bytes(32)
# The text a seal is taken of, made by PostgreSQL for sealer and proof alike
CONTENT = """jsonb_build_array(e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.actor_id, e.actor_name, e.act,
 e.outcome, e.organization_id, e.subject_kind, e.subject_id, e.detail, e.reason, e.request_id, e.address)::text"""
WAITING = f"""select e.id, coalesce(e.organization_id, 0), e.at, {CONTENT} from core_auditentry e
 where e.id > %s and not exists (select 1 from core_auditseal s where s.entry_id = e.id) order by e.id limit %s"""  # noqa: S608 constants
TAILS = """select wanted.chain, t.sequence, t.mac from unnest(%s::bigint[]) wanted(chain)
 cross join lateral (select sequence, mac from core_auditseal s where s.chain = wanted.chain order by sequence desc limit 1) t"""


@dataclass(frozen=True)
class Macs:
    """The two kinds of mac, keys prepared once a batch."""

    indexer: Indexer

    @classmethod
    def ready(cls):
        return cls(Indexer("audit.seal"))

    def of_entry(self, chain, sequence, day, previous, content):
        return self.indexer.index(f"entry|{chain}|{sequence}|{day:%Y-%m-%d}|{previous.hex()}|{content}")

    def of_head(self, head, seals):
        """`seals`: the macs of the run in the order of their entries."""
        facts = f"head|{head.number}|{head.sealed_at.astimezone(UTC).isoformat()}|{head.entries}|{head.last_entry}"
        return self.indexer.index(f"{facts}|{bytes(head.key).hex()}|{bytes(head.previous).hex()}|{b''.join(seals).hex()}")

    def key_mark(self):
        return self.indexer.index("key")[:4]


@contextmanager
def alone():
    """One transaction in which no other sealer works: waits for one that does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local lock_timeout = 0; select pg_advisory_xact_lock({LOCK})")
        yield


def seal_entries(moment):
    """Seal all that waits; how many entries. Batches commit one by one, each with its head. Nothing while another sealer works."""
    sealed = 0
    while batch := _seal_batch(moment):
        sealed += batch
    return sealed


def anchor_words():
    """One line for the foot of a report, "" before the first sealing."""
    head = newest_head()
    return f"审计锚 {timezone.localdate(head.sealed_at)}：{head.anchor}" if head else ""


def newest_head():
    return AuditHead.objects.order_by("-number").first()


def watermark(moment):
    """Entries up to this number were sealed so long ago that none can still appear among them."""
    old = AuditHead.objects.filter(sealed_at__lt=moment - LATE).order_by("-number").first()
    return old.last_entry if old else 0


@transaction.atomic
def _seal_batch(moment):
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_xact_lock({LOCK})")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(WAITING, [watermark(moment), BATCH])
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        cursor.execute(TAILS, [sorted({row[1] for row in waiting})])
        tails = {chain: (sequence, bytes(mac)) for chain, sequence, mac in cursor.fetchall()}
    before, macs = newest_head(), Macs.ready()
    number = before.number + 1 if before else 1
    seals = _linked(waiting, tails, number, macs)
    head = AuditHead(
        number=number, sealed_at=moment, key=macs.key_mark(), previous=bytes(before.mac) if before else NOTHING,
        entries=(before.entries if before else 0) + len(seals), last_entry=max(waiting[-1][0], before.last_entry if before else 0),
    )  # fmt: skip
    head.mac = macs.of_head(head, [seal.mac for seal in seals])
    AuditSeal.objects.bulk_create(seals, batch_size=1000)
    head.save(force_insert=True)
    return len(seals)


def _linked(waiting, tails, head, macs):
    seals = []
    for entry_id, chain, at, content in waiting:
        sequence, previous = tails.get(chain, (0, NOTHING))
        day = timezone.localdate(at)
        mac = macs.of_entry(chain, sequence + 1, day, previous, content)
        seals.append(AuditSeal(entry_id=entry_id, chain=chain, sequence=sequence + 1, day=day, head=head, previous=previous, mac=mac))
        tails[chain] = (sequence + 1, mac)
    return seals
