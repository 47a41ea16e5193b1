"""A job that does nothing, and its worker: `python -m tests.bench.nothing worker|burst`, `… start COUNT`.

`start` starts so many, one after the other, and prints how many seconds each took from its start to its end.
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from grids import jobs  # noqa: E402
from grids.jobs import Run  # noqa: E402
from grids.models import Job, Person  # noqa: E402

KIND, PATIENCE_S = "bench.nothing", 120.0


@jobs.job(KIND, title="Nothing", once=True)
def nothing(_run: Run) -> dict[str, Any]:
    """Do nothing."""
    return {}


def start() -> float:
    """Start one and wait for its end."""
    began = time.monotonic()
    job = jobs.start(KIND, Person.objects.get(username="planner"))
    while not Job.objects.filter(pk=job.pk, state="done").exists():
        if time.monotonic() - began > PATIENCE_S:
            raise TimeoutError
        time.sleep(0.01)
    return time.monotonic() - began


if __name__ == "__main__":
    if sys.argv[1] == "start":
        print(json.dumps([start() for _turn in range(int(sys.argv[2]))]))
    else:
        call_command("rqworker", "long", burst=sys.argv[1] == "burst")
