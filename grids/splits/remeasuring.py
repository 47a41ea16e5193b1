"""Measuring a proposal again after an edit: what the edit touched is measured, the rest is carried over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from grids.models import Region, SplitEdit
from grids.splits.ground import Ground
from grids.splits.quality import Measured, levels, measured, problem_of, stamp, together
from grids.splitting import gauge, nothing_loose, stored_rows
from grids.splitting.nearby import Neighbours, touched
from grids.splitting.plan import Plan, metres

if TYPE_CHECKING:
    from grids.splitting.gauging import Gauge

# How far from a border something may lie, in metres, to bear on figures; more than it is, for degrees are no metres.
REACH = 8.0


@dataclass(frozen=True, slots=True)
class Change:
    """A plan before and after an edit, the community it is of, and what it was computed with."""

    before: Plan
    after: Plan
    region: Region
    parameters: Mapping[str, Any]


def remeasured(change: Change, last: SplitEdit) -> Measured:
    """Return the figures after an edit, where those before it are those of `last`.

    They are what `measured` says of all grids, and that is asked where they cannot be carried over: when a street, a
    building or a boundary changed since, and when the figures before speak of gaps.
    """
    return _carried(change, last) or measured(change.after, Ground(change.region), change.parameters)


def _carried(change: Change, last: SplitEdit) -> Measured | None:
    before = [last.quality, *([last.quality["units"]] if "units" in last.quality else [])]
    now = stamp()
    if last.tallies.get("stamp") != now or not all(map(_whole, before)):
        return None
    rows = {key: row for key, row in stored_rows(last.tallies["grids"]).items() if key in change.after.grids}
    covers = [{name: figures[name] for name in ("gap_m2", "overlap_m2", "coverage_valid")} for figures in before]
    meter = None
    for keys, old in zip(levels(change.after), levels(change.before), strict=True):
        near = _near(change, keys, old)
        if near is None:
            continue
        meter = near.meter
        fresh = meter.again(near.grids, near.changed, near.beside, rows)
        if fresh is None:
            return None
        rows |= fresh
    loose = [nothing_loose() for _cover in covers]
    return together(change.after, meter, rows, covers, loose, now) if meter else None


def _whole(figures: Mapping[str, Any]) -> bool:
    """Whether grids leave nothing open and cover nothing twice: an edit changes nothing about that."""
    return bool(figures["gap_m2"] == 0 and figures["overlap_m2"] == 0 and figures["coverage_valid"])


@dataclass(frozen=True, slots=True)
class _Near:
    """What an edit touched of one kind of grids: those that changed, those beside, and all near any of them."""

    changed: Collection[int]
    beside: Collection[int]
    grids: Mapping[int, shapely.Geometry]
    meter: Gauge


def _near(change: Change, keys: list[int], old: list[int]) -> _Near | None:
    """Return what an edit touched; None when no outline of this kind changed."""
    found = touched(change.before, change.after, {*keys, *old})
    if not found.changed:
        return None
    latitude = float(change.after.outline(keys[0]).centroid.y)
    around = Neighbours(change.after, latitude)
    ground = Ground(change.region)
    changed = found.changed & set(keys)
    cut = ground.across(found.moved)
    beside = around.within([found.moved], REACH, keys) | around.within(cut, 0, keys)
    asked = [change.after.outline(key) for key in keys if key in changed or key in beside]
    context = around.within(asked, REACH, keys)
    reach = shapely.buffer(shapely.union_all(asked), REACH / min(metres(latitude)), quad_segs=2)
    meter = gauge(problem_of(ground.within(reach, change.parameters), change.parameters))
    return _Near(changed, beside, {key: change.after.outline(key) for key in keys if key in context}, meter)
