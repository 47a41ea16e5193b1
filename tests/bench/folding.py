"""A city of streets with a year's coverage in it, and one more patrol: `python -m tests.bench.folding SIDE PATROLS`.

A lattice of SIDE by SIDE corners, 29 m apart, cut into grids of ten by ten corners. PATROLS patrols of the last ninety
days have covered a hundred streets each. One more is measured for every line that is read, which does not stay; how
many seconds that took is printed: of the whole, of the folding alone, of this process' processor time, and of a tile of
coverage of zoom 16 over the walk, as the region's planner sees it.
"""

import math
import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import django

django.setup()

import numpy as np  # noqa: E402
from django.contrib.gis.geos import LineString, MultiPolygon, Polygon  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.backends.postgresql.psycopg_any import DateRange  # noqa: E402
from django.utils import timezone  # noqa: E402

from grids.models import Grid, Person, Region, Street  # noqa: E402
from grids.models.people import Role  # noqa: E402
from grids.scope import Scope  # noqa: E402
from maps.tiles.layers import LAYERS  # noqa: E402
from maps.tiles.sql import Tile, write_tile  # noqa: E402
from patrols import folding, grid_streets, measuring, partitions  # noqa: E402
from patrols.filters import ReportFilter  # noqa: E402
from patrols.intake.storing import Sender, store  # noqa: E402
from patrols.models import Patrol, Sight  # noqa: E402
from patrols.models.patrol import PatrolState  # noqa: E402
from patrols.protocols.readings import Reading  # noqa: E402

DISTRICT = "150197"
LON, LAT, STEP = 111.0, 40.0, 28.8
STEP_LON, STEP_LAT = STEP / 85_390, STEP / 111_035  # degrees a corner at this latitude
BLOCK = 10  # corners along a grid
FIXES, EVERY, SPEED = 1_440, 5, 1.2
ZOOM = 16
COVERED = """
insert into patrols_coverage (district, day, street_id, covered, unknown, told)
select distinct on (s.id, p.day) %(district)s, p.day, s.id, '{[0,1000000)}'::int4multirange, '{}'::int4multirange, false
from (
  select %(today)s::date - 1 - (n %% 89) as day, (n * 7919) %% greatest(1, %(streets)s - 100) as first
  from generate_series(1, %(patrols)s) as n
) as p
join (select id, row_number() over (order by id) as number from grids_street) as s
  on s.number > p.first and s.number <= p.first + 100
"""


def at(east: float, north: float) -> tuple[float, float]:
    """Return the place of a corner."""
    return LON + east * STEP_LON, LAT + north * STEP_LAT


def build(side: int, patrols: int) -> None:
    """Write the city unless it is there."""
    if Street.objects.exists():
        return
    partitions.make_ahead()
    since = DateRange(timezone.localdate() - timedelta(days=400), None)
    low, high = at(-1, -1), at(side, side)
    whole = MultiPolygon(Polygon.from_bbox((*low, *high)), srid=4326)
    parent = None
    for code, level in ((DISTRICT, "district"), (DISTRICT + "001", "subdistrict"), (DISTRICT + "001001", "community")):
        parent = Region.objects.create(
            code=code, level=level, parent=parent, name=code, source_id=code, geom=whole, period=since
        )
    assert parent
    ends = [
        (here, there)
        for north in range(side)
        for east in range(side)
        for here, there in (((east, north), (east + 1, north)), ((east, north), (east, north + 1)))
        if max(there) < side
    ]
    Street.objects.bulk_create(
        (
            Street(source_id=str(n), name=f"{n}", kind="residential", geom=LineString(at(*a), at(*b), srid=4326))
            for n, (a, b) in enumerate(ends)
        ),
        batch_size=5_000,
    )
    blocks = [(east, north) for north in range(0, side, BLOCK) for east in range(0, side, BLOCK)]
    Grid.objects.bulk_create(
        Grid(
            code=f"{DISTRICT}001001{number:03}",
            name=str(number),
            region=parent,
            geom=Polygon.from_bbox((*at(east - 0.5, north - 0.5), *at(east + 9.5, north + 9.5))),
            period=since,
        )
        for number, (east, north) in enumerate(blocks, 1)
    )
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        values: dict[str, Any] = {
            "district": DISTRICT, "today": timezone.localdate(), "streets": Street.objects.count(), "patrols": patrols,
        }  # fmt: skip
        cursor.execute(COVERED, values)
        grid_streets.lay_all()
        cursor.execute("vacuum analyze")


def walk() -> list[Reading]:
    """Return two hours along three hundred streets: to and fro, row by row, with the error of a phone."""
    rng = np.random.default_rng(1)
    now = (timezone.now() - timedelta(hours=3)).replace(microsecond=0)
    path = [(east, north) for north in range(18) for east in (range(18) if north % 2 == 0 else range(17, -1, -1))]
    points = np.array(path, float) * STEP
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    there = np.arange(FIXES) * EVERY * SPEED
    noise = rng.normal(0, 3, (FIXES, 2))
    east, north = (np.interp(there, along, points[:, axis]) + noise[:, axis] for axis in (0, 1))
    return [
        Reading(*at(east[n] / STEP, north[n] / STEP), now + timedelta(seconds=n * EVERY), 5.0) for n in range(FIXES)
    ]


def patrol() -> Patrol:
    """Store the walk as a patrol that has ended."""
    person, _new = Person.objects.get_or_create(username="bench-walker", defaults={"name": "walker", "invented": True})
    readings = walk()
    begun, over = readings[0].taken_at, readings[-1].taken_at
    found = Patrol.objects.create(
        district=DISTRICT, person=person, grid=Grid.objects.order_by("code").first(), state=PatrolState.ENDED,
        started_at=begun, ended_at=over,
    )  # fmt: skip
    store(Sender(person, DISTRICT), readings)
    return found


def tile() -> float:
    """Return the seconds that the tile takes whose middle the walk goes through; its statement is composed before."""
    lon, lat = at(9, 9)
    column = int((lon + 180) / 360 * 2**ZOOM)
    row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**ZOOM)
    layer = LAYERS["coverage"]
    assert layer.statement
    nothing: frozenset[int] = frozenset()
    planner = Scope(None, {Role.PLANNER: (DISTRICT,)}, nothing, nothing, nothing, nothing)
    statement = layer.statement(planner, ReportFilter(), layer.most)
    there = Tile.at(ZOOM, column, row)
    assert statement
    assert there
    began = time.perf_counter()
    drawn = write_tile(statement, there)
    assert drawn.features > 100, drawn.features
    return time.perf_counter() - began


def main() -> None:
    """Build the city, then measure for every line that is read."""
    build(int(sys.argv[1]), int(sys.argv[2]))
    one = patrol()
    print(Street.objects.count(), flush=True)
    folded = 0.0

    def timed(district: str, touched: Iterable[Sight]) -> None:
        nonlocal folded
        began = time.perf_counter()
        folding.fold(district, touched)
        folded += time.perf_counter() - began

    setattr(measuring, "fold", timed)  # noqa: B010 - no type checker lets a module's function be taken in turn
    for _line in sys.stdin:
        folded = 0.0
        with transaction.atomic():
            began, worked = time.perf_counter(), time.process_time()
            measuring.measure(one.pk)
            taken, worked = time.perf_counter() - began, time.process_time() - worked
            transaction.set_rollback(True)
        print(taken, folded, worked, tile(), flush=True)


if __name__ == "__main__":
    main()
