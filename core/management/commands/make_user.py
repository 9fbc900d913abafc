"""An account with one role, for set-up by script; in daily work accounts are opened in the browser."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core.actions import accounts
from core.management import passwords
from core.models import Organization, User
from core.roles import ROLE


class Command(BaseCommand):
    help = "Open an account with one role on one unit."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("name")
        parser.add_argument("--role", required=True, choices=sorted(ROLE))
        parser.add_argument("--at", required=True, help="code of the unit")
        passwords.add_option(parser)

    def handle(self, *, username, name, role, at, **options):
        node = Organization.objects.filter(code=at).first()
        if node is None:
            raise CommandError(f"没有代码为“{at}”的单位，请核对。")
        if User.objects.filter(username=username).exists():
            raise CommandError(f"账号“{username}”已经存在，请换一个。")
        password, made_up = passwords.first_password(options, username=username, name=name)
        try:
            with transaction.atomic():
                user = accounts.open_account(username=username, name=name, password=password, by=None, must_change_password=made_up)
                accounts.grant_role(user=user, role=role, organization=node, since=timezone.localdate(), by=None)
        except accounts.GrantRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{name}（{username}）：{ROLE[role].label}，{node.name}")
        if made_up:
            self.stdout.write(f"一次性密码（只显示这一次，首次登录要更换）：{password}")
