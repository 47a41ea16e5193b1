"""Long jobs: from a worker's start to the end of what waited for it, and from a job's start to its end."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.city import SMALL, City
from tests.bench.measure import Row, compare, row_of
from tests.bench.rows import Bench
from tests.faults.processes import ROOT, Program, marked, python, until

WAITING = "select count(*) from grids_job where state = 'waiting'"
DONE = "select count(*) from grids_job where state = 'done'"
TURNS = 30
PATIENCE_S = 300.0
MOST_WARM_S = 2.0


def long(bench: Bench) -> Iterator[Row]:
    """A job of no work at all, so that the figures are the machinery's."""
    with queue(bench.cities[SMALL]) as (city, env, folder):
        worker = Program("jobs", python("-m", "tests.bench.nothing", "worker"), env, folder / "jobs.log")
        starter = Program("starter", python("-m", "tests.bench.nothing", "start", "1"), env, folder / "starter.log")

        def cold() -> float:
            before = city.ask(DONE)[0][0]
            starter.start()
            # The bell hangs in Redis before the worker comes.
            assert until(lambda: city.ask(WAITING) == [(1,)] and waits(folder), PATIENCE_S, 0.05), starter.said()
            began = time.monotonic()
            worker.start()
            assert until(lambda: city.ask(DONE)[0][0] > before, PATIENCE_S, 0.01), worker.said()
            taken = time.monotonic() - began
            worker.stop(60)
            assert starter.process is not None
            starter.process.wait(60)
            return taken

        def bare() -> float:
            began = time.monotonic()
            subprocess.run(
                python("-m", "tests.bench.nothing", "burst"), env=env, cwd=ROOT, check=True, capture_output=True
            )
            return time.monotonic() - began

        yield row_of("worker start to job done", compare(cold, bare, 5, 2), 3, "a worker that finds nothing and ends")
        worker.start()
        command = python("-m", "tests.bench.nothing", "start", str(TURNS))
        done = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
        worker.stop(60)
        times = sorted(json.loads(done.stdout.splitlines()[-1])[1:])
        detail = f"{len(times)} jobs one after the other, {times[0]:.2f}–{times[-1]:.2f} s; the clock looks every 0.5 s"
        yield Row("job start to job done, worker waiting", median(times), MOST_WARM_S, detail, "s")


def waits(folder: Path) -> bool:
    """Whether a bell hangs in the queue."""
    asked = ["redis-cli", "-s", str(folder / "redis.sock"), "llen", "rq:queue:long"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip() == "1"


@contextmanager
def queue(city: City) -> Iterator[tuple[City, Mapping[str, str], Path]]:
    """Give a city a Redis and a clock."""
    folder = Path(tempfile.mkdtemp(prefix="gw-bench-"))
    socket = folder / "redis.sock"
    try:
        with marked({**city.env, "GRIDWARDEN_REDIS_URL": f"unix://{socket}?db=0"}) as env:
            options = f"--port 0 --unixsocket {socket} --dir {folder} --appendonly no --save".split()
            Program("redis", ["redis-server", *options, ""], env, folder / "redis.log").start()
            assert until(socket.exists)
            clock = Program("clock", python("manage.py", "clock"), env, folder / "clock.log")
            clock.start()
            yield city, env, folder
            clock.stop(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
