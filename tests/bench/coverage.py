"""One more patrol costs what it walked, whatever the city holds already."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

import numpy as np
from psycopg import sql
from psycopg.conninfo import make_conninfo

from patrols.tracks.cleaning import clean
from patrols.tracks.coverage import Streets, walked
from patrols.tracks.fixes import WALK
from tests.bench import city as cities
from tests.bench.measure import Row, compare, row_of
from tests.bench.rows import Bench
from tests.databases import drop
from tests.faults.processes import ROOT, marked, python
from tests.patrols.tracks.walks import ORIGIN, START, fixes

SIDES = {"small": (18, 100), "large": (174, 10_000)}  # corners along a side, patrols before
STEP, SIDE, COUNT, EVERY, SPEED = 28.8, 18, 1_440, 5.0, 1.2
MOST_CPU_S = 0.5


def coverage(bench: Bench) -> Iterator[Row]:
    """Cleaning and covering alone, then a whole patrol measured in a small and in a large city."""
    yield _alone()
    with ExitStack() as stack:
        small, large = (stack.enter_context(_city(bench, name)) for name in SIDES)
        whole = compare(large.measured, small.measured, rounds=7, turns=5)
        yield row_of(
            f"patrol of 1,440 fixes measured, {large.streets:,} streets", whole, 1.5, f"{small.streets:,} streets"
        )
        folded = compare(large.folded, small.folded, rounds=7, turns=5)
        yield row_of(f"its day folded, {large.streets:,} streets", folded, 1.5, f"{small.streets:,} streets")
        drawn = compare(large.tile, small.tile, rounds=7, turns=5)
        yield row_of(f"tile of coverage, {large.streets:,} streets", drawn, 1.5, f"{small.streets:,} streets")
        yield Row("patrol of 1,440 fixes measured", large.cpu(), MOST_CPU_S, "median CPU of this side of 9", "s")


def _alone() -> Row:
    """Two hours along three hundred streets, from fixes to stretches, without a database."""
    corners = [(east * STEP, north * STEP) for north in range(SIDE) for east in range(SIDE)]
    lines = [
        np.array([one, two]) + ORIGIN
        for one in corners
        for two in ((one[0] + STEP, one[1]), (one[0], one[1] + STEP))
        if max(two) < SIDE * STEP
    ]
    path = np.array([corners[row * SIDE + (turn if row % 2 == 0 else SIDE - 1 - turn)] for row in range(SIDE)
                     for turn in range(SIDE)])  # fmt: skip
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    noise = np.random.default_rng(1).normal(0, 3, (COUNT, 2))
    there = np.arange(COUNT) * EVERY * SPEED
    east, north = (np.interp(there, along, path[:, axis]) + noise[:, axis] for axis in (0, 1))
    recorded = fixes([(n * EVERY, float(east[n]), float(north[n])) for n in range(COUNT)])
    times = []
    for _turn in range(9):
        began = time.process_time()
        cleaned = clean(recorded, START, START + COUNT * EVERY, WALK, START + 1e6)
        found = walked(Streets.of(lines), cleaned.lines(), cleaned.gaps, WALK)
        times.append(time.process_time() - began)
    detail = f"median CPU of 9; {len(found.covered)} of {len(lines)} streets touched"
    return Row("1,440 fixes cleaned, what they cover found", median(times), MOST_CPU_S, detail, "s")


@dataclass
class _Child:
    """A process that measures one more patrol for every line it is sent."""

    process: "subprocess.Popen[str]"
    streets: int

    def once(self) -> tuple[float, float, float, float]:
        """Return seconds of the whole and of the folding, of CPU of this side, and of a tile."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        whole, folded, worked, tile = map(float, self.process.stdout.readline().split())
        return whole, folded, worked, tile

    def measured(self) -> float:
        """Return how long the whole took."""
        return self.once()[0]

    def folded(self) -> float:
        """Return how long folding took."""
        return self.once()[1]

    def tile(self) -> float:
        """Return how long a tile of coverage took."""
        return self.once()[3]

    def cpu(self) -> float:
        """Return what the whole took of the processor, without what the database took of it."""
        return median(self.once()[2] for _turn in range(9))


@contextmanager
def _city(bench: Bench, name: str) -> Iterator[_Child]:
    database = f"gw_bench_fold_{name}"
    side, patrols = SIDES[name]
    given = bench.cities[cities.SMALL]
    with cities.administration() as link:
        drop(link, database)
        link.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
    try:
        with marked({**given.env, "GRIDWARDEN_DATABASE_URL": make_conninfo(given.conninfo, dbname=database)}) as env:
            subprocess.run(python("manage.py", "migrate", "-v0"), env=env, cwd=ROOT, check=True)
            child = subprocess.Popen(
                python("-m", "tests.bench.folding", str(side), str(patrols)),
                env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert child.stdout
            yield _Child(child, int(child.stdout.readline()))
            child.kill()
            child.wait()
    finally:
        with cities.administration() as link:
            drop(link, database)
