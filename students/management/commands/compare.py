"""manage.py compare --on 2020-03-01 --ages 6-15 --mode point|school_year [--json]"""

import json

from django.core.management.base import BaseCommand, CommandError

from core import scope
from students import detection, statuses
from students.management.arguments import age_range, iso_date
from students.rules.ages import MODES
from students.rules.statuses import STATUSES

LABELS = {
    "registered": "户籍适龄", "on_roll_and_attending": "在籍在校", "attending_not_on_roll": "在校不在籍", "on_roll_not_attending": "在籍不在校",
    "neither": "既不在籍也不在校", "registered_elsewhere": "外县户籍在本县就读", "hukou_not_on_roll": "有户籍无学籍", "unconfirmed": "其中待确认",
}  # fmt: skip


class Command(BaseCommand):
    help = "四查三比对：适龄儿童总账。"

    def add_arguments(self, parser):
        parser.add_argument("--on", type=iso_date, required=True)
        parser.add_argument("--ages", type=age_range, default=(6, 15))
        parser.add_argument("--mode", choices=list(MODES), default="point")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, on, ages, mode, **options):
        if scope.root() is None:
            raise CommandError("还没有建立县级单位，请先运行 manage.py start_county。")
        try:
            account = detection.account(on=on, low=ages[0], high=ages[1], mode=mode)
            found = statuses.counted(statuses.Ask(on, *ages, mode))
        except detection.UnknownMode as error:
            raise CommandError(str(error)) from error
        figures = {key: getattr(account, key) for key in LABELS} | {"whole_lists": account.whole_lists}
        figures |= {"statuses": found.by_status, "neither_by_reason": found.neither_by_reason}
        self.stdout.write(json.dumps(figures, ensure_ascii=False) if options["json"] else _as_text(figures, account))


def _as_text(figures, account):
    lines = [f"{label}:{figures[key]}" for key, label in LABELS.items()]
    lines.append("平衡" if account.balanced else "不平衡")
    lines += [f"  {key}:{value}" for key, value in figures["whole_lists"].items()]
    lines += [f"去向 {STATUSES[key].label}:{value}" for key, value in figures["statuses"].items()]
    return "\n".join([*lines, *(f"无籍不在校 {word}:{value}" for word, value in figures["neither_by_reason"].items())])
