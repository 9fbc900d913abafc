"""What a command that meets the house's own trouble says at its end: a sentence with the remedy and exit code 1.

A fault of the programme keeps its traceback, which belongs into a report of it; `--traceback` shows it for everything else as well.
"""

from contextlib import contextmanager

TROUBLES_IN_DATABASE = {
    "55P03": "要改的内容正被别人占用，等了几秒没有等到。请过一会儿再运行一次；一直这样时，请先停下 worker 和 beat。",
    "57014": "数据库用时超过上限，已停下。请避开上下班高峰再运行一次，或把范围缩小。",
    "40P01": "与另一项工作互相等待，数据库让这一项停下。请再运行一次。",
    "53100": "数据库所在的磁盘写满了。请腾出空间后再运行一次。",
    "53300": "数据库的连接数用完了。请过一会儿再运行，或请系统管理员调高 max_connections。",
    "42501": "数据库账号没有权限做这件事。请核对 DATABASE_URL 的账号；建表、备份和恢复要用 NOL_DATABASE_OWNER_URL 的账号。",
    "42P01": "数据库里还没有本程序要用的表。请先运行 manage.py migrate；已经运行过的，请核对 DATABASE_URL 指的是不是这个库。",
    "42703": "数据库的表和程序的版本不一致。请先运行 manage.py migrate。",
}  # fmt: skip
CONNECTING = (
    ("password authentication failed", "数据库不认这个账号或密码。请核对 DATABASE_URL（备份、恢复和建表是 NOL_DATABASE_OWNER_URL）。"),
    ("no password supplied", "连接数据库没有给密码。请核对 DATABASE_URL。"),
    ("does not exist", "数据库服务器在，但里面没有这个库或账号。请核对 DATABASE_URL，或先按 docs/operations.md 建库。"),
    ("too many clients", TROUBLES_IN_DATABASE["53300"]),
    ("remaining connection slots", TROUBLES_IN_DATABASE["53300"]),
    ("starting up", "数据库正在启动或恢复。请过一分钟再运行。"),
    ("shutting down", "数据库正在停止。请等它重新启动后再运行。"),
)
AWAY = "连不上数据库，或者中途断开了。请核对 DATABASE_URL，看数据库是否在运行，再运行一次。"
NOTHING_HALF = "没有做完的部分没有保存。"


def words_of(error):
    """The sentence for a trouble of the house; "" for a fault of the programme. Nothing is repeated of a message that may quote a row."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error as DatabaseError

    from core import crypto, documents, files, scope

    if isinstance(error, crypto.SealError | files.FileLost | documents.DocumentHeldBack | scope.Forbidden):
        return f"{error}"
    if files.is_disk_full(error):
        return f"磁盘写满了。请腾出空间后再运行一次。{NOTHING_HALF}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} 不能读写：{error.strerror}。请核对路径和权限。"
    if isinstance(error, DatabaseError):
        return _words_of_database(error)
    return f"设置不对：{error}" if isinstance(error, ImproperlyConfigured) else ""


def _words_of_database(error):
    from django.db import InterfaceError, OperationalError

    code = getattr(error.__cause__, "pgcode", None)
    if code in TROUBLES_IN_DATABASE:
        return TROUBLES_IN_DATABASE[code] + NOTHING_HALF
    if not isinstance(error, OperationalError | InterfaceError):
        return ""
    return next((words for mark, words in CONNECTING if mark in f"{error}"), AWAY) + NOTHING_HALF


@contextmanager
def said(arguments):
    """Around a command: its trouble becomes SystemExit with the sentence, which Python prints to stderr with exit code 1."""
    try:
        yield
    except Exception as error:
        words = "" if "--traceback" in arguments else words_of(error)
        if not words:
            raise
        raise SystemExit(words) from error
