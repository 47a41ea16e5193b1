"""The places that a run compares, where they lie, who is beside whom, and how much was walked there."""

from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely
from django.db import connection

from grids.models import Building
from grids.models.places import NO_STREETS
from maps.hotspots.problems import Problems, slices
from maps.hotspots.question import Question
from maps.hotspots.statistics.neighbours import of_cells, of_polygons
from maps.hotspots.statistics.types import Floats, Ints, Sparse
from maps.hotspots.statistics.walked import Pieces, Stretches, indexed, pieces, walked

STREETS = """
select s.id, st_asbinary(s.geom), st_length(s.geom::geography) from grids_street s
where s.geom && %(outline)s and st_intersects(s.geom, %(outline)s) and not s.kind = any(%(no_streets)s) order by s.id
"""
COVERED = """
select c.street_id, c.day - %(since)s::date, lower(r.part), upper(r.part)
from patrols_coverage c
cross join lateral unnest(case when c.told then '{[0,1000001)}'::int4multirange else c.covered end) as r(part)
where c.district = %(district)s and c.day between %(since)s and %(until)s and c.street_id is not null
order by c.street_id, c.day, 3
"""
# Of streets on a border both grids have the whole, as in every other figure of coverage.
WALKED_IN_GRIDS = """
select p.grid_id, c.day - %(since)s::date,
       sum(case when c.told then p.metres else p.metres * stretch_parts(c.covered * p.stretch) / p.parts end)
from patrols_gridstreet p
join patrols_coverage c
  on c.district = p.district and c.street_id = p.street_id and c.day between %(since)s and %(until)s
where p.grid_id = any(%(grids)s) group by p.grid_id, c.day order by 1, 2
"""


@dataclass(frozen=True)
class Ground:
    """Places by index: hexagons by their H3 index or grids by id, outlines, neighbours, metres walked, households.

    `at` is the index of the place of every problem. `walked` has a row for each slice of time; None where it plays no
    part.
    """

    keys: Ints
    codes: list[str]
    outlines: np.ndarray
    near: Sparse
    at: Ints
    walked: Floats | None
    households: Floats | None


def of_hexagons(question: Question, found: Problems) -> Ground:
    """Return the hexagons of a region that have a street, a building or a problem in them.

    Where there is none of these, as on a lake, nobody finds anything, and that would make all the rest look crowded.
    """
    outline = shapely.from_wkb(bytes(question.region.geom.wkb))
    shapely.prepare(outline)
    ids, cut = _pieces(question, outline)
    inside = shapely.contains_xy(outline, cut.lon, cut.lat)
    of_pieces = cells_at(cut.lon, cut.lat, question.resolution)
    of_problems = cells_at(found.lon, found.lat, question.resolution)
    keys = np.unique(np.concatenate([of_pieces[inside], of_problems, _of_buildings(question)]))
    question.check_size(len(keys))
    effort = None
    if question.walks_matter:
        place = np.where(inside, indexed(keys, of_pieces), -1)
        effort = walked(cut, _covered(question, ids), place, len(keys), question.weeks + 1)
    outlines = shapely.polygons([_ring(cell) for cell in keys.tolist()]) if len(keys) else np.array([])
    return Ground(keys, [""] * len(keys), outlines, of_cells(keys), indexed(keys, of_problems), effort, None)


def of_grids(question: Question, found: Problems) -> Ground:
    """Return the service grids of a region on the last day; a problem lies in its grid, or where that is none of these
    any more in the one that covers it.
    """
    rows = list(question.grids().order_by("pk").values_list("pk", "code", "geom", "households"))
    question.check_size(len(rows))
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    outlines = np.array([shapely.from_wkb(bytes(row[2].wkb)) for row in rows])
    codes = [row[1] for row in rows]
    at = indexed(keys, found.grid)
    lost = np.flatnonzero(at < 0)
    if len(lost) and len(keys):
        points = shapely.points(found.lon[lost], found.lat[lost])
        one, covering = shapely.STRtree(outlines).query(points, predicate="covered_by")
        # The lowest code, as everywhere.
        order = np.argsort([codes[index] for index in covering.tolist()], kind="stable")[::-1]
        at[lost[one[order]]] = covering[order]
    effort = None
    if question.walks_matter:
        effort = np.zeros((question.weeks + 1, len(keys)))
        values = {**_when(question), "grids": keys.tolist()}
        days = _table(WALKED_IN_GRIDS, values, 3)
        place = indexed(keys, days[0].astype(np.int64))
        np.add.at(effort, (slices(days[1].astype(np.int64), question.days), place), days[2])
    households = np.array([np.nan if row[3] is None else row[3] for row in rows], dtype=np.float64)
    known = households if np.nansum(households) > 0 else None
    return Ground(keys, codes, outlines, of_polygons(list(outlines)), at, effort, known)


def cells_at(lon: Floats, lat: Floats, resolution: int) -> Ints:
    """Return the hexagons of points."""
    cell = h3.latlng_to_cell
    pairs = zip(lat.tolist(), lon.tolist(), strict=True)
    return np.fromiter((cell(north, east, resolution) for north, east in pairs), dtype=np.int64, count=len(lon))


def _ring(cell: int) -> list[tuple[float, float]]:
    ring = [(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]
    return [*ring, ring[0]]


def _pieces(question: Question, outline: shapely.Geometry) -> tuple[Ints, Pieces]:
    values: dict[str, Any] = {"outline": question.region.geom.ewkb.hex(), "no_streets": list(NO_STREETS)}
    with connection.cursor() as cursor:
        cursor.execute(STREETS.replace("%(outline)s", "%(outline)s::geometry"), values)
        rows = cursor.fetchall()
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    lines = shapely.from_wkb([bytes(row[1]) for row in rows])
    return ids, pieces(lines, np.array([row[2] for row in rows], dtype=np.float64))


def _covered(question: Question, streets: Ints) -> Stretches:
    columns = [one.astype(np.int64) for one in _table(COVERED, _when(question), 4)]
    street = indexed(streets, columns[0])
    mine = street >= 0
    return Stretches(street[mine], slices(columns[1], question.days)[mine], columns[2][mine], columns[3][mine])


def _of_buildings(question: Question) -> Ints:
    outline = question.region.geom
    with connection.cursor() as cursor:
        sql, values = (
            Building.objects.filter(geom__intersects=outline).order_by().values("geom").query.sql_with_params()
        )
        cursor.execute(f"select st_x(c), st_y(c) from (select st_centroid(geom) c from ({sql}) b) d", values)  # noqa: S608
        rows = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 2)
    inside = shapely.contains_xy(shapely.from_wkb(bytes(outline.wkb)), rows[:, 0], rows[:, 1])
    return cells_at(rows[inside, 0], rows[inside, 1], question.resolution)


def _when(question: Question) -> dict[str, Any]:
    return {"district": question.region.code[:6], "since": question.since, "until": question.until}


def _table(statement: str, values: dict[str, Any], columns: int) -> Floats:
    """Return the columns of a statement's rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, columns).T
