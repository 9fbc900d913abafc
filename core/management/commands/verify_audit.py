"""Seal what waits and prove the audit; also with the anchor that an old report printed."""

import itertools

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.actions import proving, sealing

SHOWN = 20


class Command(BaseCommand):
    help = "Prove that no audit entry was changed, removed, inserted or moved, then seal those that wait."

    def add_arguments(self, parser):
        parser.add_argument("--anchor", default="", metavar="NUMBER-HEX", help="what stands at 审计锚 on a printed report")
        parser.add_argument("--only-prove", action="store_true", help="seal nothing; unsealed entries are a fault")

    def handle(self, *, anchor, only_prove, **options):
        moment = timezone.now()
        with sealing.alone():
            found = proving.faults(moment, anchor=anchor)
            shown = list(itertools.islice(found, SHOWN))
            more = sum(1 for _ in found)
            tail = proving.unsealed_tail(moment)
            if only_prove and tail:
                shown.append(tail)
            if not shown and not only_prove:  # on a broken chain nothing is built from here
                sealing.seal_entries(moment)
            entries, sealed, chains = proving.counted()
        if shown:
            shown += [f"……另有 {more} 处。"] if more else []
            raise CommandError("\n".join([f"审计记录没有通过核验，发现 {len(shown[:SHOWN]) + more} 处：", *shown]))
        self.stdout.write(f"审计记录完好：{entries} 条，{chains} 条链，已封存 {sealed} 条。")
        self.stdout.write(sealing.anchor_words() or "还没有封存过。")
