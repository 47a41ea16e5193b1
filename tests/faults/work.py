"""Long work that leaves a mark, and the worker that knows it: `python -m tests.faults.work`.

A mark is a row of a task that no clock has; its moment is that of the work, so that work done twice leaves two.
"""

import os
import time
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maps.site.settings")
    django.setup()

from django.core.management import call_command
from django.utils import timezone

from grids import jobs
from grids.jobs import Run
from grids.models import Slot

ONCE, STEPS = "faults.once", "faults.steps"
STEP_S = 0.1


@jobs.job(ONCE, title="Work of one transaction", once=True)
def once(run: Run, seconds: float = 0.5) -> dict[str, Any]:
    """Leave the mark first, then take a while: what dies in between leaves none."""
    Slot.objects.create(task=f"effect {run.id}", slot=timezone.now())
    _take(run, seconds)
    return {"summary": "one mark"}


@jobs.job(STEPS, title="Work of many steps")
def steps(run: Run, seconds: float = 0.5) -> dict[str, Any]:
    """Take a while, then leave the mark, as work does that may be done again: by looking whether it is there."""
    _take(run, seconds)
    Slot.objects.get_or_create(task=f"effect {run.id}", defaults={"slot": timezone.now()})
    return {}


def _take(run: Run, seconds: float) -> None:
    count = max(1, round(seconds / STEP_S))
    for number in range(count):
        run.step(f"step {number + 1} of {count}", number / count)
        time.sleep(STEP_S)


if __name__ == "__main__":
    call_command("rqworker", "long")
