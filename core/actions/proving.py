"""Is the audit what was sealed? Every fault is a sentence that names chain, number and day; nothing is changed here.

To be asked under `sealing.alone`, so that no seal is added between two looks.
"""

import itertools

from django.db import connection
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from core.actions.sealing import CONTENT, NOTHING, Macs, newest_head, watermark
from core.models import AuditEntry, AuditHead, AuditSeal, Organization

CHAINS = f"""select s.chain, s.sequence, s.entry_id, s.day, s.previous, s.mac, case when e.id is not null then {CONTENT} end
 from core_auditseal s left join core_auditentry e on e.id = s.entry_id order by s.chain, s.sequence"""  # noqa: S608 constants
RUNS = "select head, mac from core_auditseal order by head, entry_id"
UNSEALED = ~Exists(AuditSeal.objects.filter(entry_id=OuterRef("pk")))
PAGE = 2000


def faults(moment, *, anchor=""):
    """Sentences; none means proven. `anchor`: what a report of earlier printed."""
    macs = Macs.ready()
    heads = list(AuditHead.objects.order_by("number"))
    if heads and all(bytes(head.key) != macs.key_mark() for head in heads):
        yield f"审计链 {len(heads)} 次封存用的都不是现有的索引密钥：密钥不对，或者整条链被重写。请核对 NOL_INDEX_KEY。"
        return
    yield from _of_chains(macs)
    yield from _of_heads(heads, macs)
    yield from _of_strangers(moment)
    if anchor:
        yield from _of_anchor(anchor)


def unsealed_tail(moment):
    """A sentence on the entries that wait for the sealer, "" when none does."""
    tail = AuditEntry.objects.filter(pk__gt=watermark(moment)).filter(UNSEALED).order_by("pk")
    first, count = tail.first(), tail.count()
    if not count:
        return ""
    place = _ChainWords().of(first.organization_id or 0)
    return f"{place}{first.number}（{timezone.localdate(first.at)}）起，尾部有 {count} 条还没有封存。请看定时服务是否在运行。"


def _of_chains(macs):
    words = _ChainWords()
    for chain, seals in itertools.groupby(_rows(CHAINS), key=lambda row: row[0]):
        due, before = 1, NOTHING
        for _, sequence, entry_id, day, previous, mac, content in seals:
            place = f"{words.of(chain)}第 {sequence} 号（A{entry_id:08d}，{day}）"
            previous, mac = bytes(previous), bytes(mac)
            if sequence != due:
                yield f"{words.of(chain)}第 {due} 号{f'至第 {sequence - 1} 号' if sequence - due > 1 else ''}的封存记录不见了（{day} 以前）。"
            elif previous != before:
                yield f"{place}：不接在前一号后面，次序被改动或者前一号被换掉。"
            if content is None:
                yield f"{place}：记录不见了，被删除过。"
            elif macs.of_entry(chain, sequence, day, previous, content) != mac:
                yield f"{place}：内容与封存时不一致，被改动过。"
            due, before = sequence + 1, mac


def _of_heads(heads, macs):
    due, before = 1, NOTHING
    for head in heads:
        if head.number != due or bytes(head.previous) != before:
            yield f"{_run(head)}：不接在前一次封存后面，前面的封存被删除或改动过。"
        due, before = head.number + 1, bytes(head.mac)
    unmet = {head.number: head for head in heads}
    for number, rows in itertools.groupby(_rows(RUNS), key=lambda row: row[0]):
        head, seals = unmet.pop(number, None), [bytes(mac) for _, mac in rows]
        if head is None:
            yield f"第 {number} 次封存不见了，它封存过 {len(seals)} 条。"
        elif macs.of_head(head, seals) != bytes(head.mac):
            yield f"{_run(head)}：与它封存的 {len(seals)} 条对不上，封存记录被删除、增加、换位或改动过。"
    for head in unmet.values():
        yield f"{_run(head)}：它封存的记录一条也不见了。"


def _run(head):
    return f"第 {head.number} 次封存（{timezone.localdate(head.sealed_at)}）"


def _of_strangers(moment):
    """Rows among those sealed long ago that no seal knows."""
    words = _ChainWords()
    strange = AuditEntry.objects.filter(pk__lte=watermark(moment)).filter(UNSEALED).order_by("pk")
    for entry in strange.iterator(PAGE):
        day = timezone.localdate(entry.at)
        yield f"{words.of(entry.organization_id or 0)}{entry.number}（{day}）：在早已封存的记录之间，却没有封存，是后来插入的，或者封存被删除。"


def _of_anchor(anchor):
    number, _, printed = anchor.strip().partition("-")
    head = AuditHead.objects.filter(number=int(number)).first() if number.isdecimal() else None
    if head is None:
        last = newest_head()
        yield f"报表上印的审计锚 {anchor} 在系统里找不到：现有封存到第 {last.number if last else 0} 次。审计记录被截断或重写过，或者锚抄错了。"
    elif not printed or head.anchor != anchor.strip().lower():
        yield f"报表上印的审计锚 {anchor} 与系统里第 {number} 次封存（{timezone.localdate(head.sealed_at)}）不一致：审计链被重写过，或者锚抄错了。"


def counted():
    """(entries, sealed, chains)."""
    of_seals = AuditSeal.objects.aggregate(seals=Count("id"), chains=Count("chain", distinct=True))
    return AuditEntry.objects.count(), of_seals["seals"], of_seals["chains"]


class _ChainWords:
    def __init__(self):
        self.names = dict(Organization.objects.values_list("pk", "name"))

    def of(self, chain):
        return f"“{self.names.get(chain, f'单位 {chain}') if chain else '不属于单位的记录'}”审计链"


def _rows(statement):
    """Page by page from a cursor of the server: the log is longer than memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while page := cursor.fetchmany(PAGE):
            yield from page
