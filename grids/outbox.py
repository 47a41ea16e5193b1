"""The outbox: work promised inside a transaction and done once after it.

`put()` writes the promise with the business rows. The clock's `relay()` rings the worker's queue for rows not yet
sent. `run()` is the worker's job: it locks the row, calls the topic's handler and marks it done in one transaction,
so that a job that runs twice, or dies in the middle, leaves exactly one effect. Redis only carries the doorbell: what
it loses is rung again by `sweep()`.

Work too long for one transaction has a queue and a function of its own (`rings`), which marks the promise as kept
(`keep`) as soon as it has taken the work over in its own tables: see `grids.jobs`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from redis.exceptions import RedisError
from rq import Queue

from grids import doorbell
from grids.history import attributed
from grids.models import Outbox

Handler = Callable[[UUID, dict[str, Any]], None]
log = logging.getLogger(__name__)
_handlers: dict[str, Handler] = {}


@dataclass(frozen=True, slots=True)
class Bell:
    """Where a topic's promises are rung: the queue, and what its worker calls with the promise's id."""

    queue: str
    function: str


_PLAIN = Bell("default", "grids.outbox.run")
_bells: dict[str, Bell] = {}
RING_AGAIN_AFTER = timedelta(seconds=settings.OUTBOX_RING_AGAIN_SECONDS)
MOST_ATTEMPTS = 20
BATCH = 200
LONGEST_QUEUE = 1000


def handles(topic: str) -> Callable[[Handler], Handler]:
    """Register the one handler of a topic; it runs inside the transaction that marks the row done."""

    def register(handler: Handler) -> Handler:
        if topic in _handlers:
            message = f"the topic {topic} has a handler already"
            raise ValueError(message)
        _handlers[topic] = handler
        return handler

    return register


def rings(topic: str, bell: Bell) -> None:
    """Give a topic a bell of its own instead of a handler."""
    _bells[topic] = bell


def put(topic: str, **payload: object) -> Outbox:
    """Promise work within the caller's transaction; raises if called outside of one."""
    if not transaction.get_connection().in_atomic_block:
        message = "a promise belongs to the transaction whose rows it speaks of"
        raise transaction.TransactionManagementError(message)
    return Outbox.objects.create(topic=topic, payload=payload)


def relay() -> int:
    """Ring the queues for rows not yet sent and return how many; several relays share the rows without doubling.

    The rows are marked first and rung after the commit, or a quick worker would still find them locked. Dying in
    between, or a Redis that does not answer, costs a delay and no promise. While a queue is long nothing is added to
    it: what waits there would look lost, and ringing for it over and over would bury the worker when it comes back.
    """
    if not _due().exists():
        return 0
    own = {bell.queue for bell in _bells.values()} - {_PLAIN.queue}
    rest = Q(topic__in=[topic for topic, bell in _bells.items() if bell.queue != _PLAIN.queue])
    rung = _relay(_PLAIN.queue, ~rest)
    return rung + sum(_relay(queue, Q(topic__in=_topics(queue))) for queue in sorted(own))


def _topics(queue: str) -> list[str]:
    return [topic for topic, bell in _bells.items() if bell.queue == queue]


def _due() -> QuerySet[Outbox]:
    return Outbox.objects.filter(done_at__isnull=True, sent_at__isnull=True, available_at__lte=timezone.now())


def _relay(name: str, wanted: Q) -> int:
    queue = doorbell.queue(name)
    if _waiting(queue) >= LONGEST_QUEUE:
        return 0
    with transaction.atomic():
        due = _due().filter(wanted).select_for_update(skip_locked=True).order_by("available_at")[:BATCH]
        rows = [(row.pk, row.topic) for row in due]
        Outbox.objects.filter(pk__in=[pk for pk, _topic in rows]).update(sent_at=timezone.now())
    try:
        waiting = set(queue.job_ids) if rows else set()
        for pk, topic in rows:
            # A bell that still hangs there, behind an hour's work perhaps, is not lost.
            if str(pk) not in waiting:
                _ring(queue, _bells.get(topic, _PLAIN).function, pk)
    except RedisError:
        log.warning("Redis does not answer; %d promises wait", len(rows))
        Outbox.objects.filter(pk__in=[pk for pk, _topic in rows], done_at__isnull=True).update(sent_at=None)
        return 0
    return len(rows)


def _waiting(queue: Queue) -> int:
    try:
        return int(queue.count)
    except RedisError:
        return 0


def _ring(queue: Queue, function: str, row: UUID) -> None:
    queue.enqueue(function, str(row), job_id=str(row), result_ttl=0, failure_ttl=3600)


def claim(identity: str) -> Outbox | None:
    """Lock a promise that is not kept yet, within the caller's transaction; None if it is, or is no more."""
    return Outbox.objects.select_for_update().filter(pk=identity, done_at__isnull=True).first()


def keep(row: Outbox) -> None:
    """Mark a promise as kept."""
    row.done_at = timezone.now()
    row.save(update_fields=["done_at"])


def run(identity: str) -> None:
    """Keep one promise: the worker's job."""
    with transaction.atomic():
        row = claim(identity)
        if row is None:
            return
        try:
            with transaction.atomic(), attributed(task=row.topic):
                _handlers[row.topic](row.pk, row.payload)
        except Exception as error:
            log.exception("the promise %s (%s) failed", row.pk, row.topic)
            _put_off(row, error)
            return
        keep(row)


def _put_off(row: Outbox, error: Exception) -> None:
    row.attempts += 1
    row.error = f"{type(error).__name__}: {error}"[:2000]
    row.sent_at = None
    row.available_at = timezone.now() + timedelta(seconds=min(3600, 2**row.attempts))
    if row.attempts >= MOST_ATTEMPTS:
        # Kept and tried once a day, not dropped: somebody has to look at its error.
        row.available_at = timezone.now() + timedelta(days=1)
    row.save(update_fields=["attempts", "error", "sent_at", "available_at"])


def sweep() -> int:
    """Let rows ring again whose bell was lost, and return how many."""
    lost = Outbox.objects.filter(done_at__isnull=True, sent_at__lt=timezone.now() - RING_AGAIN_AFTER)
    return lost.update(sent_at=None)


def purge(keep: timedelta = timedelta(days=7)) -> int:
    """Delete promises kept longer ago than `keep`, and return how many."""
    return Outbox.objects.filter(Q(done_at__lt=timezone.now() - keep)).delete()[0]
