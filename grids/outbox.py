"""The outbox: work promised inside a transaction and done once after it.

`put()` writes the promise with the business rows. The clock's `relay()` rings the worker's queue for rows not yet
sent. `run()` is the worker's job: it locks the row, calls the topic's handler and marks it done in one transaction,
so that a job that runs twice, or dies in the middle, leaves exactly one effect. Redis only carries the doorbell: what
it loses is rung again by `sweep()`.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import django_rq
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from grids.models import Outbox

Handler = Callable[[UUID, dict[str, Any]], None]
log = logging.getLogger(__name__)
_handlers: dict[str, Handler] = {}
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


def put(topic: str, **payload: object) -> Outbox:
    """Promise work within the caller's transaction; raises if called outside of one."""
    if not transaction.get_connection().in_atomic_block:
        message = "a promise belongs to the transaction whose rows it speaks of"
        raise transaction.TransactionManagementError(message)
    return Outbox.objects.create(topic=topic, payload=payload)


def relay() -> int:
    """Ring the queue for rows not yet sent and return how many; several relays share the rows without doubling.

    The rows are marked first and rung after the commit, or a quick worker would still find them locked. Dying in
    between, or a Redis that does not answer, costs a delay and no promise. While the queue is long nothing is added:
    what waits there would look lost, and ringing for it over and over would bury the worker when it comes back.
    """
    if _waiting() >= LONGEST_QUEUE:
        return 0
    with transaction.atomic():
        due = (
            Outbox.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, sent_at__isnull=True, available_at__lte=timezone.now())
            .order_by("available_at")[:BATCH]
        )
        rows = [row.pk for row in due]
        Outbox.objects.filter(pk__in=rows).update(sent_at=timezone.now())
    try:
        for row in rows:
            _ring(row)
    except RedisError:
        log.warning("Redis does not answer; %d promises wait", len(rows))
        Outbox.objects.filter(pk__in=rows, done_at__isnull=True).update(sent_at=None)
        return 0
    return len(rows)


def _waiting() -> int:
    try:
        return int(django_rq.get_queue("default").count)
    except RedisError:
        return 0


def _ring(row: UUID) -> None:
    queue = django_rq.get_queue("default")
    queue.enqueue("grids.outbox.run", str(row), job_id=str(row), result_ttl=0, failure_ttl=3600)


def run(identity: str) -> None:
    """Keep one promise: the worker's job."""
    with transaction.atomic():
        row = Outbox.objects.select_for_update().filter(pk=identity, done_at__isnull=True).first()
        if row is None:
            return
        try:
            with transaction.atomic():
                _handlers[row.topic](row.pk, row.payload)
        except Exception as error:
            log.exception("the promise %s (%s) failed", row.pk, row.topic)
            _put_off(row, error)
            return
        row.done_at = timezone.now()
        row.save(update_fields=["done_at"])


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
