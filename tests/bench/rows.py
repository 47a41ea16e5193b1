"""The rows of the table: each work against its floor."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import asinh, pi, radians, tan
from typing import Any
from uuid import uuid4

import psycopg

from tests.bench.city import LARGE, SMALL, STAFF, City
from tests.bench.client import Reader
from tests.bench.measure import Row, Work, compare, row_of
from tests.bench.weights import weigh

LIST = "/api/v1/reports?limit=50"
NAMED = ("state=open", "state=closed", "category=06010", "late=1", "source=hotline", "grid={grid}")
FREE = (
    "category=06010&state=closed&source=hotline",
    "q=%E5%8C%97",
    "q=%E5%B8%82%E5%9C%BA",
)  # a common word, a rare one
PAGES = {
    "/my-grid/": "leader",
    "/dispatch/": "dispatcher",
    "/reports/": "dispatcher",
    "/reports/{report}/": "dispatcher",
    "/inbox/": "leader",
}
MANY_POINTS = 9_000  # the goal's 10,000, less what lies beyond the tile's edge
ZOOMS = (10, 14, 16)


@dataclass
class Bench:
    """Readers by city size and name, and what `tests.bench.inside` said of each city."""

    cities: dict[int | str, City]
    readers: dict[tuple[int | str, str], Reader]
    known: dict[int | str, dict[str, Any]]

    def reader(self, size: int | str, name: str = "dispatcher") -> Reader:
        """Somebody signed in at a city."""
        return self.readers[size, name]


def tiles(bench: Bench) -> Iterator[Row]:
    """A point tile against the same SQL through a bare driver; small ones against that and a view that does nothing."""
    reader = bench.reader(SMALL, "planner")
    for path, statement in bench.known[SMALL]["tiles"].items():
        # Every tile is a statement of its own: a plan kept for one that is asked again and again would be no floor.
        with psycopg.connect(reader.city.conninfo, autocommit=True, prepare_threshold=None) as link:
            points, bare = _bare_tile(link, statement)
            work = partial(reader.seconds, path)
            if points >= MANY_POINTS:
                yield row_of(f"point tile, {points:,} points", compare(work, bare), 1.5, "the same SQL, bare driver")
            else:
                ratio = compare(work, partial(_sum, bare, partial(reader.seconds, "/floor/nothing")))
                yield row_of(f"point tile, {points:,} points", ratio, 1.0, "the same SQL and a view that does nothing")


def filing(bench: Bench) -> Iterator[Row]:
    """A report filed over HTTP against a view that writes one row."""
    for size in (SMALL, LARGE):
        reader = bench.reader(size, "leader")
        [(lon, lat)] = reader.city.ask(
            "select ST_X(anchor), ST_Y(anchor) from patrols_report"
            " join grids_grid on grids_grid.id = grid_id and ST_Contains(grids_grid.geom, anchor) limit 1"
        )
        body = json.dumps({"category": "06010", "lon": lon, "lat": lat, "place": "bench"}).encode()
        queries = reader.queries("/api/v1/reports", body, Idempotency_Key=str(uuid4()))
        yield Row(f"report created, {size:,} rows", queries, 12, "queries of one request", "queries")
        ratio = compare(partial(_file, reader, body), partial(reader.seconds, "/floor/insert", b""))
        yield row_of(f"report created, {size:,} rows", ratio, 10, "one inserted row")


def _file(reader: Reader, body: bytes) -> float:
    return reader.seconds("/api/v1/reports", body, Idempotency_Key=str(uuid4()))


def lists(bench: Bench) -> Iterator[Row]:
    """Pages of reports at a million rows against ten thousand, first and hundredth, by every named filter."""
    small, large = bench.reader(SMALL), bench.reader(LARGE)
    [(grid,)] = small.city.ask("select code from grids_grid where code like '%001' order by code limit 1")
    for reader in (small, large):
        queries = reader.queries(LIST)
        yield Row(f"list page, {reader.city.reports:,} rows", queries, 6, "queries of one request", "queries")
    for name in ("dispatcher", "leader", "planner", STAFF):
        yield _pair(bench, f"list, first page, {name}", LIST, LIST, 1.5, name)
    deep_small, deep_large = (f"{LIST}&cursor={bench.known[size]['cursor']}" for size in (SMALL, LARGE))
    yield _pair(bench, "list, hundredth page, planner", deep_small, deep_large, 1.5, "planner")
    planner = bench.reader(LARGE, "planner")
    ratio = compare(partial(planner.seconds, deep_large), partial(planner.seconds, LIST))
    yield row_of("list, hundredth page against the first", ratio, 1.5, f"the first, {LARGE:,} rows")
    for query in NAMED:
        path = f"{LIST}&{query.format(grid=grid)}"
        yield _pair(bench, f"list, {query.format(grid=grid)}", path, path, 1.5, "dispatcher")
    for query in FREE:
        ratio = compare(partial(large.seconds, f"{LIST}&{query}"), partial(large.seconds, LIST), 5, 6)
        yield row_of(f"list, {query}", ratio, 3, f"the list without it, {LARGE:,} rows")


def pages(bench: Bench) -> Iterator[Row]:
    """The first view of every page: queries, bytes, and what the data behind it costs."""
    [(report,)] = bench.cities[SMALL].ask(
        "select id from patrols_report where state = 'in_progress' and region_code like '150199001%'"
        " order by id limit 1"
    )
    for address, name in PAGES.items():
        path = address.format(report=report)
        small, large = bench.reader(SMALL, name), bench.reader(LARGE, name)
        yield Row(f"page {address}", large.queries(path), 12, "queries of one request", "queries")
        size, files = weigh(small, path)
        yield Row(f"page {address}", size / 1024, 150, f"script and style of {files} files, gzipped", "KB")
        ratio = compare(partial(large.seconds, path), partial(small.seconds, path), 5, 6)
        yield row_of(f"page {address}, {LARGE:,} rows", ratio, 1.5, f"{SMALL:,} rows")


def _pair(bench: Bench, work: str, small: str, large: str, goal: float, name: str) -> Row:
    at_small, at_large = bench.reader(SMALL, name), bench.reader(LARGE, name)
    ratio = compare(partial(at_large.seconds, large), partial(at_small.seconds, small))
    return row_of(f"{work}, {LARGE:,} rows", ratio, goal, f"{SMALL:,} rows")


def tile_path(city: City, zoom: int) -> str:
    """Return the address of the fullest tile of a zoom."""
    found = city.ask("select ST_X(anchor), ST_Y(anchor) from patrols_report")
    counts: dict[tuple[int, int], int] = {}
    for lon, lat in found:
        assert isinstance(lon, float)
        assert isinstance(lat, float)
        size = 2**zoom
        place = int((lon + 180) / 360 * size), int((1 - asinh(tan(radians(lat))) / pi) / 2 * size)
        counts[place] = counts.get(place, 0) + 1
    x, y = max(counts, key=lambda place: counts[place])
    # Every state there is: without any the layer shows what is open.
    [(states,)] = city.ask("select string_agg(distinct state, ',' order by state) from patrols_report")
    return f"/tiles/reports/{zoom}/{x}/{y}.mvt?state={states}"


def _bare_tile(link: psycopg.Connection[tuple[Any, ...]], statement: str) -> tuple[int, Work]:
    """Return how many points a tile has, and the work of asking the same SQL through a bare driver."""
    query = statement.encode()

    def run() -> float:
        began = time.perf_counter()
        row = link.execute(query).fetchone()
        assert row is not None
        bytes(row[0])
        return time.perf_counter() - began

    row = link.execute(query).fetchone()
    assert row is not None
    return int(row[1]), run


def _sum(*works: Work) -> float:
    return sum(work() for work in works)


def machine() -> str:
    """Return the facts of the machine in a line."""
    with open("/proc/cpuinfo") as stream:
        models = [line.partition(":")[2].strip() for line in stream if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(models)} cores ({models[0] if models else '?'}), {memory:.0f} GB, load {os.getloadavg()[0]:.1f}"
