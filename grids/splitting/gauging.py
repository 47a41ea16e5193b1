"""Measures grids in WGS-84 on the ground of a problem: all of them, or those that an edit touched."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from grids.splitting.ground import prepare
from grids.splitting.problem import UNIT_AREA, Problem
from grids.splitting.quality import cover, figures_of, figures_of_units, plane_shapes
from grids.splitting.tallies import Loose, Tally, crossed, outlines, tallied

Rows = dict[int, Tally]


class Gauge:
    """What measures grids, each known by a key; a dictionary of grids is in the order of their numbers in figures."""

    def __init__(self, problem: Problem) -> None:
        self._problem, self._ground = problem, prepare(problem)

    def tallies(self, grids: Mapping[int, shapely.Geometry]) -> tuple[Rows, Loose]:
        """Return what each grid adds to the figures, and what lies in none."""
        found, loose = tallied(self._ground, plane_shapes(self._ground, list(grids.values())))
        return dict(zip(grids, found, strict=True)), loose

    def again(
        self, grids: Mapping[int, shapely.Geometry], changed: Collection[int], near: Collection[int], old: Rows
    ) -> Rows | None:
        """Return new tallies of grids that changed, and of those near a border that moved.

        `grids` has all of them and every grid within `ALONG` of one. None where vertices do not meet in the plane.
        """
        keys = list(grids)
        shapes = plane_shapes(self._ground, list(grids.values()))
        if not shapely.is_valid(shapes).all() or not shapely.coverage_is_valid(shapes):
            return None
        asked = [key for key in keys if key in changed or key in near]
        places = np.array([keys.index(key) for key in asked], np.int64)
        across = dict(zip(asked, crossed(self._ground, shapes, places)[0], strict=True))
        mine = [key for key in asked if key in changed or key not in old]
        places = np.array([keys.index(key) for key in mine], np.int64)
        alone = dict(zip(mine, outlines(self._ground, shapes, places), strict=True))
        return {key: Tally(alone[key] if key in alone else old[key].outline, across[key]) for key in asked}

    def cover(self, grids: Mapping[int, shapely.Geometry]) -> Mapping[str, Any]:
        """Return how well grids cover the ground."""
        return cover(self._ground, plane_shapes(self._ground, list(grids.values())))

    def figures(self, rows: Sequence[Tally], covered: Mapping[str, Any], loose: Loose) -> dict[str, Any]:
        """Return the figures of service grids, or of unit grids by themselves."""
        return figures_of(rows, self._ground.area, self._problem.households, covered, loose)

    def unit_figures(self, rows: Sequence[Tally], covered: Mapping[str, Any], loose: Loose) -> dict[str, Any]:
        """Return the figures of the unit grids below service grids."""
        return figures_of_units(rows, self._ground.area, self._problem.unit_area or UNIT_AREA, covered, loose)
