"""A first password for commands that open accounts: from standard input, never from the command line, which others can read."""

import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from core.actions.accounts import one_time_password
from core.models import User


def add_option(parser):
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def first_password(options, *, username, name):
    """(password, whether it was made up here). CommandError with the rules' sentences where it is too weak."""
    if not options["password_stdin"]:
        return one_time_password(), True
    password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, User(username=username, name=name))
    except ValidationError as weak:
        raise CommandError("密码不可用：" + "".join(weak.messages)) from weak
    return password, False
