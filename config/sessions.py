"""Sessions in the database, as Django keeps them; but a database that is away is not a session that was deleted."""

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.db import InterfaceError, OperationalError


class SessionStore(InDatabase):
    def save(self, must_create=False):
        """Django takes every failure for a session that is gone and answers 400: the person would be told to sign in again."""
        try:
            super().save(must_create)
        except UpdateError as update:
            if isinstance(update.__context__, OperationalError | InterfaceError):
                raise update.__context__ from None
            raise
