"""The county's root node and its first bureau_admin; everything else can be done in the browser."""

import re

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core import scope
from core.actions import accounts, organizations
from core.management import passwords
from core.models import User


class Command(BaseCommand):
    help = "Start the county: its root node and the first business administrator."

    def add_arguments(self, parser):
        parser.add_argument("--code", required=True, help="12-digit statistical code of the county, e.g. 990101000000")
        parser.add_argument("--name", required=True, help="the county's name, e.g. 示范县")
        parser.add_argument("--admin", required=True, help="user name of the first business administrator")
        passwords.add_option(parser)

    def handle(self, *, code, name, admin, **options):
        if not re.fullmatch(r"[0-9]{12}", code):
            raise CommandError(f"区划代码“{code}”不对：应为 12 位数字，如 990101000000。")
        county = scope.root()
        if county is not None:
            raise CommandError(f"本系统已有“{county.name}”（{county.code}），一套系统只管一个县。要管另一个县，请另装一套。")
        if User.objects.filter(username=admin).exists():
            raise CommandError(f"账号“{admin}”已经存在，请换一个。")
        password, made_up = passwords.first_password(options, username=admin, name=admin)
        with transaction.atomic():
            county = organizations.start_county(code=code, name=name)
            user = accounts.open_account(username=admin, name=admin, password=password, by=None, must_change_password=made_up)
            accounts.grant_role(user=user, role="bureau_admin", organization=county, since=timezone.localdate(), by=None)
        self.stdout.write(f"“{name}”已建立，业务管理员账号：{admin}")
        if made_up:
            self.stdout.write(f"一次性密码（只显示这一次，首次登录要更换）：{password}")
