"""The pulse of a running job: signs of life and progress, written beside the work's own transaction."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from grids.models import Job
from grids.outbox import RING_AGAIN_AFTER

log = logging.getLogger(__name__)
# A job that gave no sign of life for so long is taken over.
LOST_AFTER = 2 * RING_AGAIN_AFTER
BEAT_EVERY: timedelta = RING_AGAIN_AFTER / 4
SAY_EVERY_S = 0.5
LONGEST_STEP = 120
WRITE = """
update grids_job set heartbeat_at = clock_timestamp(), step = coalesce(%s, step), share = coalesce(%s, share)
where id = %s and fence = %s and state = 'running' returning cancel_asked
"""


class Interrupted(Exception):  # noqa: N818 - not an error: the work is to end here
    """The work is to end at this step; let it pass through."""


class Cancelled(Interrupted):
    """Whoever started the job has asked to stop it."""


class Fenced(Interrupted):
    """The job was taken over by another worker, or is over; nothing of this run counts any more."""


class Stopped(Interrupted):
    """The worker is to stop; the job waits for the next one, which begins it anew."""


# Set by the worker's signal in the process that works (grids.worker).
stopping = threading.Event()


class Pulse:
    """Tells the job's row that its worker lives and how far it is.

    A connection of its own carries it, since what the work's transaction writes is seen by nobody until its end. Where
    the run itself began within a transaction (a test, a command's own) there is nothing to write beside, and the
    pulse goes through that transaction and only with each step.
    """

    def __init__(self, job: Job) -> None:
        self._key = (job.pk, job.fence)
        self.inline = connection.in_atomic_block
        self._link: BaseDatabaseWrapper = connection if self.inline else _second_connection()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._verdict: type[Interrupted] | None = None
        self._said_at = float("-inf")
        self._heard_at = time.monotonic()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        if not self.inline:
            self._thread.start()

    def stop(self) -> None:
        """Beat no more; before the job's last word, which must not wait for a beat nor a beat for it."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        if not self.inline:
            with self._lock:
                self._link.close()

    def say(self, text: str, share: float) -> None:
        """Show a sentence and a share of 1, at most twice a second; raises an Interrupted when the work is to end."""
        now = time.monotonic()
        if now - self._said_at >= SAY_EVERY_S:
            self._said_at = now
            self._write(text[:LONGEST_STEP], min(1.0, max(0.0, share)))
        if self._verdict:
            raise self._verdict
        if stopping.is_set():
            raise Stopped

    def _beat(self) -> None:
        while not self._over.wait(BEAT_EVERY.total_seconds()):
            self._write(None, None)

    def _write(self, text: str | None, share: float | None) -> None:
        with self._lock:
            try:
                with self._link.cursor() as cursor:
                    cursor.execute(WRITE, [text, share, *self._key])
                    row = cursor.fetchone()
            except Error as error:
                if self.inline:
                    raise
                self._unheard(error)
                return
        self._heard_at = time.monotonic()
        if row is None:
            self._verdict = Fenced
        elif row[0]:
            self._verdict = self._verdict or Cancelled

    def _unheard(self, error: Error) -> None:
        log.warning("no sign of life of the job %s: %s", self._key[0], error)
        self._link.close()
        if time.monotonic() - self._heard_at > LOST_AFTER.total_seconds():
            self._verdict = Fenced


def _second_connection() -> BaseDatabaseWrapper:
    link = connection.copy()
    # A sign of life that comes late is none, so it does not wait long for a lock either.
    link.settings_dict["OPTIONS"] = {**link.settings_dict["OPTIONS"], "options": "-c statement_timeout=5000"}
    link.inc_thread_sharing()
    return link


@contextmanager
def beating(job: Job) -> Iterator[Pulse]:
    """Give signs of life for a job until the block ends or `stop` is called."""
    pulse = Pulse(job)
    pulse.start()
    try:
        yield pulse
    finally:
        pulse.stop()
