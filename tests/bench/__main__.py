"""`python -m tests.bench`: make the data, start the servers, measure, print one table; `make bench` calls it.

BENCH_KEEP=1 keeps the databases and uses those that are there. BENCH_ONLY names the parts to run, by comma.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import city as cities
from tests.bench.board import board
from tests.bench.candidates import candidates
from tests.bench.client import Reader
from tests.bench.coverage import coverage
from tests.bench.heat import heat
from tests.bench.load import load
from tests.bench.long import long
from tests.bench.matching import matching
from tests.bench.measure import Row
from tests.bench.photos import photos
from tests.bench.positions import positions
from tests.bench.rows import ZOOMS, Bench, filing, lists, machine, pages, tile_path, tiles
from tests.bench.search import search
from tests.faults.processes import ROOT, free_port, gunicorn, marked, python

PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "tiles": tiles,
    "filing": filing,
    "photos": photos,
    "positions": positions,
    "lists": lists,
    "pages": pages,
    "search": search,
    "coverage": coverage,
    "heat": heat,
    "board": board,
    "candidates": candidates,
    "matching": matching,
    "long": long,
    "load": load,
}
# What does without the large city.
OF_SMALL = {"tiles", "board", "heat"}


def main() -> int:
    """Run the benchmarks; returns 1 if a goal is missed."""
    keep = bool(os.environ.get("BENCH_KEEP"))
    chosen = os.environ.get("BENCH_ONLY", ",".join(PARTS)).split(",")
    var = Path(tempfile.mkdtemp(prefix="gw-bench-"))
    print(f"{machine()}; {time.strftime('%Y-%m-%d %H:%M %Z')}", flush=True)
    try:
        began = time.monotonic()
        sizes = (cities.SMALL,) if set(chosen) <= OF_SMALL else (cities.SMALL, cities.LARGE)
        built = cities.build(str(var), sizes, keep=keep)
        if "board" in chosen:
            built |= cities.boards(str(var))
        if "heat" in chosen:
            built |= cities.drawn(str(var))
        print(f"data made in {time.monotonic() - began:.0f} s\n", flush=True)
        with serving(built) as bench:
            missed = [row for row in table(bench, chosen) if not row.passes]
    finally:
        shutil.rmtree(var, ignore_errors=True)
        if not keep:
            with cities.administration() as link:
                cities.drop_all(link)
    print(f"\n{machine()}")
    print(f"{len(missed)} goals missed" if missed else "all goals met")
    return 1 if missed else 0


def table(bench: Bench, chosen: list[str]) -> Iterator[Row]:
    """Print the rows as they come."""
    print("| work | figure | goal | | how |\n|---|---|---|---|---|")
    for name in chosen:
        for row in PARTS[name](bench):
            print(row, flush=True)
            yield row


@contextmanager
def serving(built: dict[int | str, cities.City]) -> Iterator[Bench]:
    """Start a server for each city and sign everybody in."""
    with ExitStack() as stack:
        readers: dict[tuple[int | str, str], Reader] = {}
        known: dict[int | str, dict[str, Any]] = {}
        for size, place in built.items():
            paths = [tile_path(place, zoom) for zoom in ZOOMS] if size == cities.SMALL else []
            inside = subprocess.run(
                python("-m", "tests.bench.inside", *paths),
                env=place.env,
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            )
            known[size] = json.loads(inside.stdout.splitlines()[-1])
            env = stack.enter_context(marked(place.env))
            port = free_port()
            log = Path(place.env["GRIDWARDEN_VAR"]) / f"web-{size}.log"
            server = gunicorn(env, log, port, workers=1)
            stack.callback(server.stop, 60)
            for name, session in known[size]["sessions"].items():
                readers[size, name] = Reader(place, port, session)
        yield Bench(built, readers, known)


if __name__ == "__main__":
    sys.exit(main())
