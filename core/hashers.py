"""How passwords are kept and which are refused."""

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

DEMO_PASSWORD = "not-one-less"  # noqa: S105  meant to be known


class Argon2idOwasp(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: 27 ms, so that 357 principals can sign in at once (reliability.md §5.2, fact 9)."""

    time_cost = 2
    memory_cost = 19456  # KiB
    parallelism = 1


class NoDemoPassword:
    """The password printed by `make demo` is known to everybody: outside a demo home nobody may have it."""

    def validate(self, password, user=None):
        if password == DEMO_PASSWORD and not settings.DEMO:
            raise ValidationError("这是演示用的密码，人人都知道，正式系统里不能使用。请另设一个。", code="demo_password")

    def get_help_text(self):
        return "不能使用演示系统的密码。"
