"""manage.py record_standings 去向.xlsx --by USER [--approved-by USER] --on 2020-03-01: reasons from a filled workbook.

They wait for another person's word in the browser unless --approved-by names one.
"""

from pathlib import Path

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core import files, scope
from core.models import User
from core.scope import Forbidden
from core.spreadsheets import WorkbookRefused
from core.workflow import Refused
from students.actions import explaining
from students.imports.standings import read_reasons
from students.management.arguments import iso_date
from students.models import Child


class Command(BaseCommand):
    help = "从填好的工作簿登记不在校儿童的去向（原因）。"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="登记人账号")
        parser.add_argument("--approved-by", help="复核人账号；不写则等待在网页上复核")
        parser.add_argument("--on", type=iso_date, required=True, help="没有写起始日期的行以这一天为准")

    @pghistory.context(command="record_standings")
    def handle(self, *, file, by, approved_by, on, **options):
        person, second = _user(by), _user(approved_by) if approved_by else None
        pghistory.context(user=person.pk)
        try:
            rows, problems = read_reasons(file, file.name, children=Child.objects.visible_to(person, explaining.PROPOSE), on=on)
            if problems:
                raise CommandError("这个文件还没有登记，请先改正:\n" + "\n".join(map(str, problems)))
            with transaction.atomic():
                proof = files.store(file.read_bytes(), file.name, "application/octet-stream", person)
                proposal = explaining.propose(rows=rows, by=person, organization=scope.home_node(person), proof=proof, note=file.name)
                if second:
                    explaining.approve(proposal=proposal, by=second)
        except (Refused, Forbidden, WorkbookRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(rows)} 人的去向{'已登记' if second else '已提出，等待复核'}。")


def _user(username):
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"没有可用的账号“{username}”。")
    return user
