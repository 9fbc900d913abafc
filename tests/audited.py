"""Every request and every job of every test is watched: what it writes is on the audit in the same transaction, or the test fails.

`Watch` is the innermost middleware of the suite's settings; tests/conftest.py puts the same watch around jobs and commands. What a
savepoint
took back counts as never written. `HOUSEKEEPING` are the tables whose rows nobody did, each with its reason.
"""

import re
from collections import Counter
from contextlib import contextmanager

from django.apps import apps
from django.core.handlers.base import BaseHandler
from django.db import connection

WRITES = re.compile(r'\b(?:insert\s+into|update|delete\s+from|merge\s+into|copy)\s+(?:only\s+)?"?([a-z_]+)"?', re.IGNORECASE)
SAVEPOINT = re.compile(r'(?:^|;)\s*(rollback\s+to\s+savepoint|savepoint)\s+"?(\w+)"?\s*$', re.IGNORECASE)
AUDIT = "core_auditentry"
HOUSEKEEPING = {
    "django_session": "the visit itself; signing in and out are recorded",
    "axes_accessattempt": "counts wrong passwords; each is recorded as sign_in_failed",
    "axes_accessfailurelog": "the same",
    "axes_accesslog": "the same",
    "core_filerun": "the order of a job, a record of its own that is never deleted; what the job does is recorded by the job",
    "core_attachment": "a stored copy by its content; what it belongs to is recorded",
    "core_numberseries": "a counter; what got the number is recorded",
    "core_auditseal": "the seal over the audit",
    "core_audithead": "the same",
    "pghistory_context": "who and where, beside the history row",
    "students_accountday": "the account as worked out from what is recorded, kept for speed and made anew",
    "students_accountnow": "the same",
    "students_accountstale": "the same",
    "students_tally": "how many there are, for speed",
    "django_celery_beat_periodictask": "the schedule's own notes",
}
UNRECORDED = {}  # route, job or command → why what it writes needs no row
RECORDED = Counter()  # route, job or command → how often it left an audit row, in this process
ROLLED_BACK = Counter()  # route → how often an injected failure left none


class Unrecorded(AssertionError):
    """Something was written and no row says who did it."""


class Statements:
    """The tables written so far, in order, without what a savepoint took back."""

    def __init__(self):
        self.tables, self.marks = [], {}
        self.ours = {model._meta.db_table for model in apps.get_models()}

    def __call__(self, execute, statement, parameters, many, context):
        answer = execute(statement, parameters, many, context)
        text = statement.decode() if isinstance(statement, bytes) else str(statement)
        found = SAVEPOINT.search(text)
        if found and found[1].lower() == "savepoint":
            self.marks[found[2]] = len(self.tables)
        elif found:
            del self.tables[self.marks.get(found[2], 0) :]
        elif text.strip().upper() == "ROLLBACK":
            self.tables.clear()
        else:
            self.tables += [name for name in WRITES.findall(text.lower()) if name in self.ours]
        return answer

    @property
    def business(self):
        return sorted(set(self.tables) - set(HOUSEKEEPING) - {AUDIT})

    @property
    def is_recorded(self):
        return AUDIT in self.tables


@contextmanager
def watched(name):
    """What is done meanwhile in the name of `name`: Unrecorded unless its writes are on the audit."""
    seen = Statements()
    with connection.execute_wrapper(seen):
        yield seen
    judge(name, seen)


def judge(name, seen):
    if seen.is_recorded:
        RECORDED[name] += 1
    elif seen.business and name not in UNRECORDED:
        raise Unrecorded(f"{name} wrote {', '.join(seen.business)} and left no audit row")


class Injected(Exception):
    """A failure at the very end of a view, in its transaction."""


def fail_at_the_end(monkeypatch, methods=("POST",), *, and_again=False):
    """Every view of these methods does all its work and then fails; what the audit kept of it is an error. `and_again`: it is then done
    once more in earnest, so that what comes after it finds it done."""
    atomic = BaseHandler.make_view_atomic

    def failing(handler, view):
        def work_in_vain(request, *arguments, **named):
            answer = view(request, *arguments, **named)
            if request.method in methods:
                raise Injected(request.resolver_match.view_name, _audit_rows(), getattr(answer, "status_code", 0))
            return answer

        return atomic(handler, work_in_vain)

    def around(handler, view):
        inside, earnest = failing(handler, view), atomic(handler, view)

        def counted(request, *arguments, **named):
            before = _audit_rows()
            try:
                return inside(request, *arguments, **named)
            except Injected as injected:
                name, written, _ = injected.args
                if _audit_rows() != before:
                    raise Unrecorded(f"{name} failed and left {_audit_rows() - before} audit rows behind") from injected
                if written > before:
                    ROLLED_BACK[name] += 1
                if not and_again:
                    raise
            return earnest(rewound(request), *arguments, **named)

        return counted

    monkeypatch.setattr(BaseHandler, "make_view_atomic", around)


def rewound(request):
    """The request as it was before a view worked on it: files unread, nothing said."""
    for uploads in request.FILES.lists():
        for upload in uploads[1]:
            upload.seek(0)
    if hasattr(request, "_messages"):
        request._messages._queued_messages.clear()
    return request


def _audit_rows():
    return apps.get_model("core.AuditEntry").objects.count()


class Watch:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        seen = Statements()
        with connection.execute_wrapper(seen):
            response = self.get_response(request)
        if response.status_code < 400 and request.resolver_match:
            judge(request.resolver_match.view_name, seen)
        return response
