"""`python -m tests.bench.others`: what others ask of a million reports: features in pages, Open311, the public map.

On demand, on the large city that `BENCH_KEEP=1 make bench` leaves, or another database that `BENCH_CITY` names; of
its parts those that `BENCH_ONLY` names. The whole collection of reports is walked through by its links, so that the
thousandth page is the one that `next` leads to.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from tests.bench.city import LARGE, NAMES, city_of
from tests.bench.measure import Row
from tests.bench.rows import machine
from tests.faults.processes import ROOT, python

PAGE, FIRST = 1_000, 50
TURNS = 9


def main() -> None:
    """Measure in a process of the site, and print the rows."""
    print(f"{machine()}; {time.strftime('%Y-%m-%d %H:%M %Z')}")
    with tempfile.TemporaryDirectory(prefix="gw-bench-") as var:
        env = city_of(LARGE, os.environ.get("BENCH_CITY", NAMES[LARGE]), var).env
        # Pages name their static files.
        subprocess.run(python("manage.py", "collectstatic", "--noinput", "-v0"), env=env, cwd=ROOT, check=True)
        subprocess.run(python("-m", "tests.bench.others", "inside"), env=env, cwd=ROOT, check=True)
    print(machine())


def inside() -> None:
    """Print the rows."""
    import django

    django.setup()
    parts = {part.__name__: part for part in (open311, public_map, features)}
    for name in os.environ.get("BENCH_ONLY", ",".join(parts)).split(","):
        for row in parts[name]():
            print(row, flush=True)


def features() -> Iterator[Row]:
    """The collection of reports, page by page to its end: the last fifty pages against the first."""
    client = signed_in("planner")
    path, took, sizes, queries = f"/ogc/collections/reports/items?limit={PAGE}", list[float](), list[int](), list[int]()
    while path:
        answer, seconds, count = asked(client, path)
        took.append(seconds)
        queries.append(count)
        found = json.loads(answer.content)
        sizes.append(found["numberReturned"])
        onward = [link["href"] for link in found["links"] if link["rel"] == "next"]
        path = "".join(f"{urlsplit(href).path}?{urlsplit(href).query}" for href in onward)
    begin, end = median(took[:FIRST]), median(took[-FIRST - 1 : -1])
    told = f"{end * 1e3:.0f} ms against {begin * 1e3:.0f} ms; {sum(sizes):,} features in {len(sizes):,} pages"
    yield Row(f"features, the last {FIRST} pages of {PAGE:,} against the first {FIRST}", end / begin, 1.5, told)
    yield Row("features, a page", max(queries), 6, "the most of all pages, two of them for the session", "queries")


def open311() -> Iterator[Row]:
    """Lists by their dates and what else they are narrowed to."""
    from django.utils import timezone

    from grids.models.places import Region

    now = timezone.now()
    region = Region.objects.filter(level="community").order_by("code").values_list("code", flat=True)[0]
    days = {
        f"{back} days ago, {span} long": (now - timedelta(days=back), span)
        for back, span in ((90, 90), (180, 90), (330, 30), (100, 1))
    }
    asks = {"the last 90 days": ""}
    for name, (begin, span) in days.items():
        asks[name] = f"start_date={begin:%Y-%m-%d}&end_date={begin + timedelta(days=span - 1):%Y-%m-%d}"
    asks["closed ones of a category"] = "status=closed&service_code=06010"
    asks["a community"] = f"area_code={region}"
    asks["changed within a day"] = f"updated_after={now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    asks["the last page of a hundred"] = "page=10&page_size=100"
    asks["how many"] = "just_count=true"
    for name, query in asks.items():
        yield turn(f"Open311, {name}", f"/open311/v2/requests.json?{query}", 3, 3)


def public_map() -> Iterator[Row]:
    """The counts made anew, the page, its tiles, and what is known nearby."""
    from patrols import public_cells
    from patrols.models import PublicCell, Report
    from patrols.public import centre_of

    for name in ("made anew from nothing", "made anew where nothing changed"):
        if name.endswith("nothing"):
            PublicCell.objects.all().delete()
        began = time.perf_counter()
        public_cells.refresh()
        rows = f"{Report.objects.count():,} reports, {PublicCell.objects.count():,} rows of counts"
        yield Row(f"public counts, {name}", time.perf_counter() - began, 60, rows, "s")
    busiest = PublicCell.objects.filter(shown=True).order_by("-open", "-closed").first()
    assert busiest
    middle = centre_of(busiest.column, busiest.row)
    category = busiest.category.code
    region = busiest.region_code
    yield turn("public page, a community", f"/public/?region={region}", 12, 1)
    yield turn("public page, everywhere", "/public/", 12, 1)
    for zoom in (8, 11, 14, 16):
        x, y = tile_of(middle.x, middle.y, zoom)
        yield turn(f"public tile, zoom {zoom}", f"/tiles/problems/{zoom}/{x}/{y}.mvt", 1, 0.5)
    spot = f"category={category}&lon={middle.x}&lat={middle.y}"
    yield turn("what is known nearby", f"/public/known.json?{spot}", 2, 0.5)


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return the tile of EPSG:3857 in which a place lies."""
    from math import asinh, pi, radians, tan

    return int((lon + 180) / 360 * 2**zoom), int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**zoom)


def turn(work: str, path: str, most: int, goal: float) -> Row:
    """Return the row of a request: the median of its turns, and its queries, of which there may be so many."""
    from django.test import Client

    client = Client()
    met = [asked(client, path) for _turn in range(TURNS)]
    assert max(count for _answer, _seconds, count in met) <= most, (work, [count for *_rest, count in met])
    answer = met[-1][0]
    told = f"{min(count for *_rest, count in met)} queries, {len(answer.content):,} bytes, median of {TURNS}"
    told = f"{told}, the first {met[0][1] * 1e3:.0f} ms"
    return Row(work, median(seconds for _answer, seconds, _count in met), goal, told, "s")


def asked(client: Any, path: str) -> tuple[Any, float, int]:
    """Return the answer to a request, how long it took in seconds, and its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        answer = client.get(path)
        seconds = time.perf_counter() - began
    assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])
    return answer, seconds, len(queries)


def signed_in(name: str) -> Any:
    """Return a client of somebody who is signed in."""
    from django.test import Client

    from grids.models import Person

    client = Client()
    client.force_login(Person.objects.get(username=name))
    return client


if __name__ == "__main__":
    inside() if len(sys.argv) > 1 else main()
