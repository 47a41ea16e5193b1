"""The nearest ten who can be asked, of a hundred thousand volunteers, against the bare query for the nearest ten."""

import json
import subprocess
from collections.abc import Iterator

from tests.bench.city import SMALL
from tests.bench.measure import Ratio, Row, row_of
from tests.bench.rows import Bench
from tests.faults.processes import ROOT, python

MOST = 2.0


def candidates(bench: Bench) -> Iterator[Row]:
    """Skills, work in hand, hours and fresh positions are looked at by the same statement that finds the nearest."""
    done = subprocess.run(
        python("-m", "tests.bench.crowd"),
        env=bench.cities[SMALL].env,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    met = json.loads(done.stdout.splitlines()[-1])
    ratio, planned = Ratio(*met["prepared"]), Ratio(*met["planned"])
    row = row_of("10 nearest of 100,000 volunteers who can be asked", ratio, MOST, "the nearest 10, whoever they are")
    more = (
        f"{met['able']:,} can be asked; planned anew each time it is {planned.middle:.2f} ×"
        f" ({planned.low:.2f}–{planned.high:.2f}); Django writes the statement in {met['composing'] * 1e3:.1f} ms"
    )
    yield Row(row.work, row.figure, row.goal, f"{row.detail}; {more}")
