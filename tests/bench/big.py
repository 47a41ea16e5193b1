"""`python -m tests.bench.big`: a million reports as files of every form, and a dry run of rules: memory and time.

On demand, on the large city that `BENCH_KEEP=1 make bench` leaves, or another that `BENCH_CITY` names: it takes
minutes. Each work is the job that a worker of the queue `long` does, in a process of its own; its peak is told above
what the process held before it began.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.city import LARGE, NAMES, city_of
from tests.bench.measure import Row
from tests.bench.rows import machine
from tests.faults.processes import ROOT, python

WORKS = ("xlsx", "csv", "geojson", "gpkg", "trial")
MOST_MB, DAYS = 60, 3_000


def rows() -> Iterator[Row]:
    """Yield the memory and the seconds of each work."""
    with tempfile.TemporaryDirectory(prefix="gw-bench-") as var:
        env = city_of(LARGE, os.environ.get("BENCH_CITY", NAMES[LARGE]), var).env
        for work in os.environ.get("BENCH_ONLY", ",".join(WORKS)).split(","):
            command = python("-m", "tests.bench.big", work)
            done = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
            met = json.loads(done.stdout.splitlines()[-1])
            detail = (
                f"{met['rows']:,} reports in {met['seconds']:.0f} s, {met['cpu']:.0f} s of them this process's CPU;"
                f" {met['said']:,} times said how far it is; {met['idle']:.0f} MB idle"
                + (f"; file of {met['file'] / 2**20:.0f} MB" if met["file"] else "")
            )
            yield Row(f"a million reports, {work}: peak above an idle worker", met["peak"], MOST_MB, detail, "MB")


def one(work: str) -> dict[str, Any]:
    """Do one work in this process and return what it took."""
    import django

    django.setup()
    from grids import jobs
    from grids.models import Outbox, Person
    from grids.pulse import Pulse
    from maps.exports import report_table
    from patrols.models import RoutingEdition
    from patrols.models.routing import EditionState
    from patrols.routing import trial
    from tests.bench.rules import write_rules

    write_rules()
    said = 0
    say = Pulse.say

    def count(pulse: Pulse, text: str, share: float) -> None:
        nonlocal said
        said += 1
        say(pulse, text, share)

    Pulse.say = count  # type: ignore[method-assign, assignment]
    person = Person.objects.get(username="planner")
    if work == "trial":
        draft = RoutingEdition.objects.get(state=EditionState.DRAFT)
        given: dict[str, Any] = {"region": draft.region_code, "draft": draft.pk, "number": draft.number, "days": DAYS}
        job = jobs.start(trial.KIND, person, district=draft.district, **given)
    else:
        job = jobs.start(report_table.KIND, person, form=work, filters={})
    promise = str(Outbox.objects.get(topic=jobs.TOPIC, payload__job=str(job.pk)).pk)
    idle = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is told from here on
    began, cpu = time.monotonic(), time.process_time()
    jobs.run(promise)
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    peak = _memory("VmHWM") - idle
    job.refresh_from_db()
    assert job.state == "done", (job.state, job.error)
    assert job.result
    path = None if work == "trial" else report_table.path_of(job)
    size = path.stat().st_size if path else 0
    number = job.result["total" if work == "trial" else "rows"]
    job.delete()
    return {"rows": number, "idle": idle, "peak": peak, "seconds": seconds, "cpu": cpu, "said": said, "file": size}


def _memory(name: str) -> float:
    """Return a figure of this process in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(one(sys.argv[1])))
    else:
        print(f"{machine()}; {time.strftime('%Y-%m-%d %H:%M %Z')}")
        for row in rows():
            print(row, flush=True)
        print(machine())
