"""A tile of heat costs what it shows, whatever was ever reported: ten times as many problems of the same three years.

Both cities are the small one with the counts of drawn problems (`tests.bench.heat_made`): the same people, place and
days, so that what is drawn differs only in how full it is. What the database alone takes: `tests.bench.heat_cost`.
"""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

from tests.bench.city import FEW_DRAWN, MANY_DRAWN
from tests.bench.heat_made import WINDOWS, tile_at
from tests.bench.measure import Row, compare, row_of
from tests.bench.rows import Bench

ZOOMS = (6, 10, 12, 14, 16)
MOST_BYTES = 50_000
# How many times as long: all time and whole months, and any days.
ALIGNED, DAYS = 1.5, 3.0
GOALS = {
    "all time": ALIGNED,
    "one month": ALIGNED,
    "two months": ALIGNED,
    "twelve months": ALIGNED,
    "92 days": DAYS,
    "92 days, open": DAYS,
}


def heat(bench: Bench) -> Iterator[Row]:
    """The tile in the middle of the city at each zoom, for all time, whole months, and days of parts of months."""
    few, many = bench.reader(FEW_DRAWN, "planner"), bench.reader(MANY_DRAWN, "planner")
    for zoom in ZOOMS:
        x, y = tile_at(zoom)
        for name, goal in GOALS.items():
            path = f"/tiles/heat/{zoom}/{x}/{y}.mvt?{urlencode(WINDOWS[name])}"
            size = len(many.send(path, Accept_Encoding="identity").body)
            work = f"heat tile, zoom {zoom}, {name}, {MANY_DRAWN}"
            yield Row(work, size, MOST_BYTES, "before compression", "bytes")
            ratio = compare(partial(many.seconds, path), partial(few.seconds, path), 5)
            yield row_of(work, ratio, goal, FEW_DRAWN)
