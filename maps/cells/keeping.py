"""Who keeps the counts in step: the clock follows and folds, a worker counts anew, an administrator may start that."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids import clock, jobs, outbox
from grids.models import Outbox
from maps.cells.folding import fold
from maps.cells.following import follow
from maps.cells.recounting import Result, fill, reconcile

EVERY = timedelta(seconds=20)
FILL, CHECK = "cells.fill", "cells.check"
KIND = "cells"
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


@jobs.job(KIND, title=gettext_lazy("Count of problems by cell"), once=True)
def work(run: jobs.Run, *, anew: bool = False) -> dict[str, Any]:
    """Compare the counts with the reports and put them right, or make them anew; the result says what was found."""
    result = fill(run.step) if anew else reconcile(run.step)
    return {"summary": summary(result), "problems": result.problems, "differences": result.differences}


def summary(result: Result) -> str:
    """Return what came of it in a sentence."""
    counted = ngettext("%(count)s problem counted", "%(count)s problems counted", result.problems)
    words = [counted % {"count": f"{result.problems:,}"}]
    if result.differences:
        wrong = ngettext("%(count)s count was wrong", "%(count)s counts were wrong", result.differences)
        words.append(wrong % {"count": f"{result.differences:,}"})
    else:
        words.append(_("all counts are right"))
    return " · ".join(words)
