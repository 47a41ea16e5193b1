"""Who keeps the counts in step: the clock follows and folds, a worker counts anew at first and proves them nightly."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from grids import clock, jobs, outbox
from grids.models import Outbox
from maps.cells.folding import fold
from maps.cells.following import follow
from maps.cells.recounting import fill, reconcile

EVERY = timedelta(seconds=20)
FILL, CHECK = "cells.fill", "cells.check"
# A worker's, beside other long work: the clock has bells to ring.
for topic in (FILL, CHECK):
    outbox.rings(topic, outbox.Bell(jobs.QUEUE, "grids.outbox.run"))


@clock.task("cells", EVERY)
def keep_up() -> None:
    """Count what happened since the last time; where nothing was ever counted, have it counted by a worker."""
    if follow() is None:
        _promise(FILL)
    fold()


@clock.task("cells-check", timedelta(days=1))
def promise_check() -> None:
    """Have the counts compared with the reports, once a day."""
    _promise(CHECK)


def _promise(topic: str) -> None:
    if not Outbox.objects.filter(topic=topic, done_at__isnull=True).exists():
        outbox.put(topic)


@outbox.handles(FILL)
def first(_promise: UUID, _payload: dict[str, Any]) -> None:
    """Make the counts."""
    fill()


@outbox.handles(CHECK)
def check(_promise: UUID, _payload: dict[str, Any]) -> None:
    """Compare the counts and put them right."""
    reconcile()
