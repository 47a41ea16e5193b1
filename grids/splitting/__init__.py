"""Splitting a community into fair, contiguous, gap-free grids that follow the streets. Pure: no Django.

`split(problem)` answers with a `Proposal`; `measure(problem, grids)` judges any grids by the same yardstick. SciPy and
the geometry are imported when first needed, so that importing this package costs a web process nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shapely.geometry.base import BaseGeometry

from grids.splitting.problem import (
    BARRIERS,
    LEAST_UNIT_AREA,
    MAJOR_ROADS,
    MODES,
    RAILS,
    RIVERS,
    UNIT_AREA,
    Atom,
    Cancelled,
    Grid,
    House,
    Problem,
    Progress,
    Proposal,
    Remark,
    SplitCancelled,
    SplitError,
    Way,
    inside,
)

if TYPE_CHECKING:
    from grids.splitting.gauging import Gauge, Rows
    from grids.splitting.tallies import Loose

__all__ = [
    "BARRIERS",
    "LEAST_UNIT_AREA",
    "MAJOR_ROADS",
    "MODES",
    "RAILS",
    "RIVERS",
    "UNIT_AREA",
    "Atom",
    "Grid",
    "House",
    "Problem",
    "Progress",
    "Proposal",
    "Remark",
    "SplitCancelled",
    "SplitError",
    "Way",
    "gauge",
    "inside",
    "measure",
    "nothing_loose",
    "split",
    "stored_rows",
]


def split(problem: Problem, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Proposal:
    """Split an area.

    `progress` is told the step (clean, blocks, partition, units, borders, measure, done) and the share done, 0 to 1;
    `cancelled` is asked at the same moments. Raises `SplitError` with a code for what cannot be split at all, and
    `SplitCancelled`.
    """
    from grids.splitting import splitter

    return splitter.split(problem, progress, cancelled)


def measure(
    problem: Problem, grids: Sequence[BaseGeometry], target: float | None = None, units: Sequence[BaseGeometry] = ()
) -> dict[str, Any]:
    """Judge grids in WGS-84, ours or anybody's, by their polygons and the inputs alone; unit grids under `units`."""
    from grids.splitting import quality

    return quality.measure(problem, grids, target, units)


def gauge(problem: Problem) -> Gauge:
    """Return what measures grids on the ground of a problem, all of them or some of them again."""
    from grids.splitting.gauging import Gauge

    return Gauge(problem)


def stored_rows(rows: Mapping[str, Any]) -> Rows:
    """Return what grids add to the figures, by the key of each, as it was stored in JSON."""
    from grids.splitting.tallies import Tally

    return {int(key): Tally.of(row) for key, row in rows.items()}


def nothing_loose() -> Loose:
    """Return that nothing lies outside of grids, as where they cover the ground."""
    from grids.splitting.tallies import Loose

    return Loose()
