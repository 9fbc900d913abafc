"""Sessions in the database, as Django keeps them; but a database that is away is not a session that was deleted, and a session that only
goes on is written once a minute: a row written and flushed to the disk took longer than many a page.
"""

from datetime import timedelta

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.db import InterfaceError, OperationalError

STEP = timedelta(minutes=1)  # by so much at most a session ends sooner than SESSION_COOKIE_AGE after its last page


class SessionStore(InDatabase):
    ends = None  # as the row says

    def _get_session_from_db(self):
        row = super()._get_session_from_db()
        self.ends = row and row.expire_date
        return row

    def goes_on(self):
        """Whether the row as it stands says all there is to say: nothing changed, and it ends late enough."""
        return not self.modified and self.ends is not None and self.get_expiry_date() - self.ends < STEP

    def save(self, must_create=False):
        """Django takes every failure for a session that is gone and answers 400: the person would be told to sign in again."""
        if self.goes_on() and not must_create:
            return
        try:
            super().save(must_create)
        except UpdateError as update:
            if isinstance(update.__context__, OperationalError | InterfaceError):
                raise update.__context__ from None
            raise
