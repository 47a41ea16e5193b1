"""The clock: tasks that run once per slot, however many clocks there are.

A slot is the start of the interval the present moment lies in. Whoever inserts (task, slot) first runs the task in
the same transaction; if it dies, the slot is free again for the next tick.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from grids import outbox
from grids.history import attributed
from grids.models import IdempotencyKey, Slot

log = logging.getLogger(__name__)
HEARTBEAT = "heartbeat"
LONGEST_REST_S = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do every so often."""

    name: str
    every: timedelta
    work: Callable[[], object]


_tasks: dict[str, Task] = {}
_resting: dict[str, float] = {}  # until when a task that failed is left alone, on the machine's own clock


def task(name: str, every: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a task with its interval."""

    def register(work: Callable[[], object]) -> Callable[[], object]:
        _tasks[name] = Task(name, every, work)
        return work

    return register


def slot_of(moment: datetime, every: timedelta) -> datetime:
    """Return the start of the interval a moment lies in, counted from 1970 in UTC."""
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, tz=UTC)


def tick(now: datetime | None = None) -> list[str]:
    """Run every task whose slot is free and return their names; a failing task is logged and tried again soon."""
    now = now or timezone.now()
    ran = []
    for entry in _tasks.values():
        began = time.monotonic()
        if began < _resting.get(entry.name, began):
            continue
        try:
            if _run_once(entry, slot_of(now, entry.every)):
                ran.append(entry.name)
        except Exception:
            log.exception("the clock's task %s failed", entry.name)
            # What fails at once is tried at the next tick; what takes long to fail must not take all of the time.
            ended = time.monotonic()
            _resting[entry.name] = ended + min(LONGEST_REST_S, 9 * (ended - began))
    return ran


def _run_once(entry: Task, slot: datetime) -> bool:
    if Slot.objects.filter(task=entry.name, slot=slot).exists():
        return False
    with transaction.atomic():
        try:
            with transaction.atomic():
                Slot.objects.create(task=entry.name, slot=slot)
        except IntegrityError:
            return False
        with attributed(task=entry.name):
            entry.work()
    return True


@task(HEARTBEAT, timedelta(minutes=1))
def beat() -> None:
    """Show that a clock is running: /readyz looks for this slot."""


@task("sweep", outbox.RING_AGAIN_AFTER)
def sweep() -> None:
    """Ring again for promises whose bell was lost."""
    outbox.sweep()


@task("tidy", timedelta(hours=1))
def tidy() -> None:
    """Forget kept promises, old slots and stored answers past their use."""
    now = timezone.now()
    outbox.purge()
    Slot.objects.filter(slot__lt=now - timedelta(days=40)).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - timedelta(days=7)).delete()
