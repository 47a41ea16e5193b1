"""How the load is spread: households, open reports, checkpoints and streets of each grid and of each owner.

Overloaded in a figure is who has more than one and a half times the region's median of it, and at least as much more
than the median as makes a difference to a person: see `LEAST_MORE`.
"""

import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from grids.holders import Holder
from grids.models import Assignment, Checkpoint, Grid
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole
from grids.models.places import NO_STREETS
from grids.problems import NotFound
from grids.reach import lies_within, managed, manages
from grids.scope import Scope
from grids.splits.ground import to_shapely
from patrols.models import Report
from patrols.workflow import OPEN_STATES

TIMES = 1.5
# Fewer more than the median than this is not called overload.
LEAST_MORE = {"households": 50, "open_reports": 5, "checkpoints": 3, "street_m": 500}
_STREETS = """
    SELECT g.id, sum(ST_Length(ST_Intersection(s.geom, g.geom)::geography))
    FROM grids_grid g JOIN grids_street s ON s.geom && g.geom AND ST_Intersects(s.geom, g.geom)
    WHERE g.id = ANY(%s) AND NOT s.kind = ANY(%s) GROUP BY g.id
"""


@dataclass(slots=True)
class Row:
    """The load of a grid, or of the owner of several."""

    owner: Holder | None
    households: int = 0
    open_reports: int = 0
    checkpoints: int = 0
    street_m: float = 0.0
    overloaded: list[str] = field(default_factory=list)


@dataclass(slots=True)
class GridRow(Row):
    """The load of a grid."""

    grid: Grid | None = None


def fair_load(scope: Scope, code: str) -> dict[str, Any]:
    """Return the load of a region's grids and their owners, the most households first; a constant number of queries.

    Raises NotFound for a region that one does not plan. Two owners of a grid (a person and their team) cannot be.
    """
    if not manages(scope, code):
        raise NotFound(_("There is no such region here."))
    grids = list(
        Grid.objects.current()
        .filter(lies_within(managed(scope), "region__code"), kind=GridKind.SERVICE, region__code__startswith=code)
        .order_by("code")
    )
    ids = [grid.pk for grid in grids]
    owners = {
        row.grid_id: row.holder
        for row in Assignment.objects.current()
        .filter(grid__in=ids, role=AssignmentRole.OWNER)
        .select_related("person", "team", "organisation")
    }
    reports = Report.objects.filter(district=code[:6], grid__in=ids, state__in=OPEN_STATES).order_by()
    counted = dict(reports.values_list("grid").annotate(count=Count("pk")).values_list("grid", "count"))
    checkpoints, streets = _checkpoints(grids, code), _streets(ids)
    rows = [
        GridRow(
            owners.get(grid.pk),
            grid.households or 0,
            counted.get(grid.pk, 0),
            checkpoints[grid.pk],
            round(streets.get(grid.pk, 0.0), 1),
            grid=grid,
        )
        for grid in grids
    ]
    people = _by_owner(rows)
    _mark(rows)
    _mark([row for row, _count in people])
    heavy = sorted(rows, key=lambda row: (-row.households, row.grid.code if row.grid else ""))
    return {
        "rule": _("more than %(times)s times the median of the region, and at least %(least)s more")
        % {"times": TIMES, "least": "/".join(str(least) for least in LEAST_MORE.values())},
        "grids": [_grid_json(row) for row in heavy],
        "owners": [
            {**_figures(row), "grids": count} for row, count in sorted(people, key=lambda pair: -pair[0].households)
        ],
    }


def _checkpoints(grids: list[Grid], code: str) -> Counter[int]:
    """Count the checkpoints of each grid, by a point on each."""
    rows = Checkpoint.objects.current().filter(region__code__startswith=code).values_list("geom", flat=True)
    places = [shapely.point_on_surface(to_shapely(geom)) for geom in rows]
    found: dict[int, int] = {}
    if grids and places:
        tree = shapely.STRtree([to_shapely(grid.geom) for grid in grids])
        for place, grid in sorted(tree.query(places, predicate="intersects").T.tolist()):
            found.setdefault(place, grids[grid].pk)
    return Counter(found.values())


def _streets(ids: list[int]) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(_STREETS, [ids, list(NO_STREETS)])
        return dict(cursor.fetchall())


def _by_owner(rows: list[GridRow]) -> list[tuple[Row, int]]:
    found: dict[tuple[str, int], tuple[Row, int]] = {}
    for row in rows:
        if row.owner is None:
            continue
        key = (row.owner._meta.label, row.owner.pk)
        total, count = found.get(key, (Row(row.owner), 0))
        total.households += row.households
        total.open_reports += row.open_reports
        total.checkpoints += row.checkpoints
        total.street_m = round(total.street_m + row.street_m, 1)
        found[key] = total, count + 1
    return list(found.values())


def _mark(rows: list[Any]) -> None:
    for name, least in LEAST_MORE.items():
        middle = statistics.median([getattr(row, name) for row in rows]) if rows else 0
        for row in rows:
            if getattr(row, name) > TIMES * middle and getattr(row, name) - middle >= least:
                row.overloaded.append(name)


def _figures(row: Row) -> dict[str, Any]:
    owner = row.owner
    return {
        "owner": {"kind": owner._meta.model_name, "id": owner.pk, "name": str(owner)} if owner else None,
        "households": row.households,
        "open_reports": row.open_reports,
        "checkpoints": row.checkpoints,
        "street_m": row.street_m,
        "overloaded": row.overloaded,
    }


def _grid_json(row: GridRow) -> dict[str, Any]:
    assert row.grid is not None
    known = {"households": row.grid.households}
    return {"grid": row.grid.pk, "code": row.grid.code, "name": row.grid.local_name, **_figures(row), **known}
