"""What the worker does when the queue goes away in the middle of its work: it comes back to it, or ends so that it is started again."""

import logging
import os

from celery.worker.consumer import Consumer

log = logging.getLogger(__name__)


class PatientConsumer(Consumer):
    def on_connection_error_after_connected(self, exc):
        """kombu 5.7 gives back what it holds through a connection that is closed already, and asks it for its host: an AttributeError,
        which Celery takes for the end of the worker. The queue brings that work again by itself (visibility timeout, leases)."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            if self.connection is not None:  # not yet let go of: this is something else
                raise
            log.warning("the lost connection could not be closed in order: %s", error)
            super().on_connection_error_after_connected(exc)  # what is left to do: the work in hand is given up

    def start(self):
        """A worker whose loop has broken would stand there and take nothing: Celery waits for its children without a loop that hears
        them. It ends at once, like one that was killed, and the service is started again; its leases run out."""
        try:
            super().start()
        except Exception:
            log.critical("the worker's loop has broken, the worker ends", exc_info=True)
            logging.shutdown()
            os._exit(os.EX_SOFTWARE)
