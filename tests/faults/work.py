"""Long work that leaves a mark, and the worker that knows it: `python -m tests.faults.work`.

A mark is a row of a task that no clock has; its moment is that of the work, so that work done twice leaves two. Work
that is held goes on step by step until somebody lets it go.
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
from grids.models import Job, Slot

ONCE, STEPS = "faults.once", "faults.steps"
STEP_S, STEPS_TAKEN = 0.1, 5


@jobs.job(ONCE, title="Work of one transaction", once=True)
def once(run: Run, held: bool = False) -> dict[str, Any]:
    """Leave the mark first, then take a while: what dies in between leaves none."""
    Slot.objects.create(task=f"effect {run.id}", slot=timezone.now())
    _take(run, held=held)
    return {"summary": "one mark"}


@jobs.job(STEPS, title="Work of many steps")
def steps(run: Run, held: bool = False) -> dict[str, Any]:
    """Take a while, then leave the mark, as work does that may be done again: by looking whether it is there."""
    _take(run, held=held)
    Slot.objects.get_or_create(task=f"effect {run.id}", defaults={"slot": timezone.now()})
    return {}


def _take(run: Run, *, held: bool) -> None:
    number = 0
    while number < STEPS_TAKEN or (held and not Slot.objects.filter(task=f"go {run.id}").exists()):
        number += 1
        run.step(f"step {number}", min(1, number / STEPS_TAKEN))
        time.sleep(STEP_S)


def let_go(job: Job) -> None:
    """Let a held job come to its end."""
    Slot.objects.create(task=f"go {job.pk}", slot=timezone.now())


if __name__ == "__main__":
    call_command("rqworker", "long")
