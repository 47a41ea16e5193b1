"""Two hundred people at once: how long they wait, and what goes wrong."""

import json
import os
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.bench.city import LARGE
from tests.bench.client import Reader
from tests.bench.measure import Row
from tests.bench.rows import Bench
from tests.faults.processes import ROOT, free_port, gunicorn, marked, python

CLIENTS, SECONDS = 200, float(os.environ.get("BENCH_LOAD_SECONDS", "60"))
LOOKING = (2.0, 8.0)  # seconds between an answer and the next question of the same person
HURRIED = (0.0, 0.1)
MOST_P95_S = 1.0
NAMES = ("leader", "dispatcher", "planner")
ANCHORS = (
    "select ST_X(anchor), ST_Y(anchor) from patrols_report"
    " join grids_grid on grids_grid.id = grid_id and ST_Contains(grids_grid.geom, anchor) limit 50"
)


def load(bench: Bench) -> Iterator[Row]:
    """At a million rows, on a server with its usual number of processes: people who look at what they get; haste."""
    city = bench.cities[LARGE]
    places = city.ask(ANCHORS)
    people = [person_of(bench.reader(LARGE, name), places) for name in NAMES]
    workers = min(4, max(2, os.cpu_count() or 2))
    with marked(city.env) as env:
        port = free_port()
        server = gunicorn(env, Path(city.env["GRIDWARDEN_VAR"]) / "web-load.log", port, workers=workers)
        try:
            yield from rows("looking 2 to 8 s", clients(people, port, LOOKING), MOST_P95_S)
            yield from rows("without a pause", clients(people, port, HURRIED), None)
        finally:
            server.stop(60)


def person_of(reader: Reader, places: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Return what the clients need of somebody: a session, reports that they see, places to file at."""
    found = json.loads(reader.send("/api/v1/reports?limit=50", Accept_Encoding="identity").body)["results"]
    return {"session": reader.session, "reports": [row["id"] for row in found], "places": places}


def clients(people: list[dict[str, Any]], port: int, pause: tuple[float, float]) -> dict[str, Any]:
    """Let the clients live in a process of their own and return what they met."""
    plan = {"people": people, "port": port, "pause": pause, "clients": CLIENTS, "seconds": SECONDS, "seed": 1}
    command = python("-m", "tests.bench.clients", json.dumps(plan))
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    met: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return met


def rows(how: str, met: dict[str, Any], most_p95: float | None) -> Iterator[Row]:
    """Return the lines of one run: errors, and how long 95 of 100 answers took at most."""
    taken = list(chain.from_iterable(met["seconds"].values()))
    each = ", ".join(f"{kind} {p95(times) * 1e3:,.0f} ms" for kind, times in met["seconds"].items())
    rate = len(taken) / met["lasted"]
    wrong = ", ".join(f"{count} {what}" for what, count in met["errors"].items()) or "none"
    work = f"{CLIENTS} clients for {SECONDS:.0f} s, {how}"
    detail = (
        f"{len(taken):,} answers, {rate:.1f} a second; the clients took {met['own_cpu'] / met['lasted']:.0%} of a core"
    )
    yield Row(f"{work}: errors", sum(met["errors"].values()), 0, f"{detail}; {wrong}", "errors")
    if most_p95 is not None:
        yield Row(f"{work}: p95", p95(taken), most_p95, f"p95 of {each}; p50 {p50(taken) * 1e3:,.0f} ms", "s")
    else:
        # Who never pauses waits for the others: the goal is the patience after which a client gives up.
        yield Row(f"{work}: p95", p95(taken), 30, f"p95 of {each}; p50 {p50(taken) * 1e3:,.0f} ms", "s")


def p95(times: list[float]) -> float:
    """Return the time that 95 of 100 take at most."""
    return quantiles(times, n=20)[-1] if len(times) > 1 else float("inf")


def p50(times: list[float]) -> float:
    """Return the middle."""
    return quantiles(times, n=2)[0] if len(times) > 1 else float("inf")
