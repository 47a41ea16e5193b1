"""Proposals that are not computed: the grids of a day, to be edited by hand or brought back."""

from datetime import date
from typing import Any

import shapely
from django.utils.translation import gettext as _

from grids.models import Grid, Person, Region, SplitRun
from grids.models.grid import GridKind
from grids.models.splits import SplitSource
from grids.problems import BadInput
from grids.splits.findings import TOLERANCE_M, remark_of, said
from grids.splits.ground import Ground, to_shapely
from grids.splits.quality import measured
from grids.splits.storing import Draft, store
from grids.splitting.fitting import blocks_along
from grids.splitting.plan import Block, Footprint, Patch, Plan, housed
from grids.splitting.repairing import repaired


def from_grids(region: Region, day: date, person: Person | None) -> SplitRun:
    """Store the grids that a community had on a day as a proposal; streets cut them into blocks.

    Grids that were drawn by hand may miss each other a little: that is closed, and told among the remarks. Raises
    BadInput when there were none, and when they leave wider gaps or overlaps.
    """
    rows = list(
        Grid.objects.filter(region__code=region.code, period__contains=day)
        .order_by("kind", "code", "pk")
        .select_related("parent")
    )
    if not rows:
        raise BadInput(_("This community had no grids on that day."))
    rows = _nested(rows)
    keys = {row.pk: number for number, row in enumerate(rows, 1)}
    parents = {row.parent_id for row in rows}
    patches, leaves = {}, []
    for row in rows:
        key = keys[row.pk]
        # A unit grid whose service grid is not of that day stands by itself.
        parent = keys.get(row.parent_id) if row.parent_id else None
        patches[key] = Patch(key, row.number, row.kind, parent, row.name, row.code)
        if row.pk not in parents:
            leaves.append(row)
    ground = Ground(region)
    found = repaired([to_shapely(row.geom) for row in leaves], ground.boundary, TOLERANCE_M)
    if found.open:
        raise BadInput(said(region, found.open, [row.name for row in leaves]))
    blocks = [(keys[row.pk], polygon) for row, polygon in zip(leaves, found.polygons, strict=True)]
    plan = plan_of(patches, blocks, ground)
    parameters: dict[str, Any] = {"on": day.isoformat()}
    told = measured(plan, ground, parameters)
    return store(
        Draft(
            region=region,
            source=SplitSource.GRIDS,
            plan=plan,
            quality=told.figures,
            tallies=told.tallies,
            parameters=parameters,
            remarks=[remark_of(one, dict(enumerate(keys[row.pk] for row in leaves))) for one in found.closed],
            person=person,
        )
    )


def _nested(rows: list[Grid]) -> list[Grid]:
    """Leave unit grids out unless every service grid has some: they would not cover the community."""
    services = {row.pk for row in rows if row.kind == GridKind.SERVICE}
    divided = {row.parent_id for row in rows if row.kind == GridKind.UNIT}
    return rows if not services or services == divided else [row for row in rows if row.kind == GridKind.SERVICE]


def plan_of(
    patches: dict[int, Patch], areas: list[tuple[int, Any]], ground: Ground, lines: list[Any] | None = None
) -> Plan:
    """Return the plan of grids whose outlines are known.

    Their blocks are what given lines, which cut no building, or else the streets cut them into.
    """
    outlines = [shape for _key, shape in areas]
    if lines is None:
        footprints = [house.polygon for house in ground.houses.values()]
        pieces = blocks_along(outlines, [line for line, _kind in ground.ways], footprints)
    else:
        pieces = blocks_along(outlines, lines)
    blocks = built([(areas[at][0], piece) for at, piece in pieces], ground.houses)
    return Plan({block.key: block for block in blocks}, patches)


def built(areas: list[tuple[int, Any]], houses: dict[int, Footprint]) -> list[Block]:
    """Return a block for each grid's area with the buildings that stand mostly on it."""
    shapes = [shape for _key, shape in areas]
    house_ids = list(houses)
    footprints = [houses[one].polygon for one in house_ids]
    pairs = shapely.STRtree(shapes).query(footprints, predicate="intersects") if footprints else [[], []]
    candidates: dict[int, list[int]] = {}
    for house, area in zip(*pairs, strict=True):
        candidates.setdefault(int(house), []).append(int(area))
    standing: dict[int, list[int]] = {}
    for house, found in candidates.items():
        best = max(found, key=lambda one: shapely.area(shapely.intersection(footprints[house], shapes[one])))
        standing.setdefault(best, []).append(house_ids[house])
    return [
        housed([Block(number, key, shape, 0)], sorted(standing.get(number - 1, [])), houses)[0]
        for number, (key, shape) in enumerate(areas, 1)
    ]
