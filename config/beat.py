"""The scheduler that beat runs with: django-celery-beat's, which a database that is away for a moment does not end."""

import logging

from django.db import InterfaceError, OperationalError, connection
from django_celery_beat.schedulers import DatabaseScheduler

log = logging.getLogger(__name__)


class PatientScheduler(DatabaseScheduler):
    def all_as_schedule(self):
        """Reads the schedule anew every few minutes; while it cannot be read, what was read last counts. Its own reads beside this one
        are guarded, this one ended the process."""
        try:
            return super().all_as_schedule()
        except (OperationalError, InterfaceError) as away:
            if not self._schedule:  # nothing has been read yet: the start says so and ends
                raise
            log.warning("the schedule could not be read, the former one counts: %s", type(away).__name__)
            connection.close()
            return self._schedule
