"""A tile of heat costs what it shows, whatever was ever reported: a million problems against ten thousand, by window.

What the large city has beside the small one is older than ninety days, so that all time is where it would show.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from tests.bench.city import LARGE, SMALL
from tests.bench.measure import Row, compare, row_of
from tests.bench.rows import Bench, tile_path

ZOOMS = (10, 12, 14, 16)
MOST_BYTES = 50_000


def heat(bench: Bench) -> Iterator[Row]:
    """The fullest tile of each zoom, for all time, two whole months, and 92 days that begin and end within a month."""
    small, large = bench.reader(SMALL, "planner"), bench.reader(LARGE, "planner")
    for zoom in ZOOMS:
        place = tile_path(small.city, zoom).removeprefix("/tiles/reports/").partition("?")[0]
        for name, (query, goal) in windows().items():
            path = f"/tiles/heat/{place}?{query}"
            size = len(large.send(path, Accept_Encoding="identity").body)
            work = f"heat tile, zoom {zoom}, {name}, {LARGE:,} rows"
            yield Row(work, size, MOST_BYTES, "before compression", "bytes")
            ratio = compare(partial(large.seconds, path), partial(small.seconds, path))
            yield row_of(work, ratio, goal, f"{SMALL:,} rows")


def windows() -> dict[str, tuple[str, float]]:
    """What is asked for, and how many times as long it may take."""
    today = date.today()
    last = today.replace(day=1) - timedelta(days=1)
    first = (last.replace(day=1) - timedelta(days=1)).replace(day=1)
    begin = today - timedelta(days=100)
    begin = begin if begin.day > 1 else begin - timedelta(days=3)
    end = begin + timedelta(days=91)
    return {
        "all time": ("", 1.5),
        "two months": (f"since={first}&until={last}", 1.5),
        "92 days": (f"since={begin}&until={end}", 3.0),
    }
