"""Places where the same comes back: at least three times within 90 days and 30 m."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from maps.hotspots.statistics.types import Floats, Ints

METRES, DAYS, TIMES = 30.0, 90, 3


@dataclass(frozen=True)
class Repeat:
    """A place and what came back there: indexes in the order of days; `centre` is one of them."""

    centre: int
    members: tuple[int, ...]


def repeats(east: Floats, north: Floats, day: Ints, kind: Ints, most: int) -> list[Repeat]:
    """Return at most so many places, those with the most first; coordinates in metres, days as whole numbers.

    All of one place lie within 30 m of its centre and 90 days of each other. Nothing counts twice: places are taken one
    by one, the one with the most neighbours first (and of equals the earlier in the order given).
    """
    found: list[Repeat] = []
    for one in np.unique(kind):
        mine = np.flatnonzero(kind == one)
        if len(mine) >= TIMES:
            found += _of_kind(mine, np.column_stack([east[mine], north[mine]]), day[mine])
    return sorted(found, key=lambda place: (-len(place.members), place.centre))[:most]


def _of_kind(index: Ints, points: Floats, day: Ints) -> Iterator[Repeat]:
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    near = tree.query_ball_point(points, METRES, return_length=True)
    taken = np.zeros(len(points), dtype=np.bool_)
    for centre in np.argsort(-near, kind="stable"):
        if near[centre] < TIMES:
            break
        if taken[centre]:
            continue
        around = np.array([one for one in sorted(tree.query_ball_point(points[centre], METRES)) if not taken[one]])
        members = _busiest(around[np.argsort(day[around], kind="stable")], day)
        if len(members) >= TIMES:
            taken[members] = True
            yield Repeat(int(index[centre]), tuple(int(one) for one in index[members]))


def _busiest(ordered: Ints, day: Ints) -> Ints:
    """Return the largest part of reports in the order of days that lies within 90 days, the latest of equals."""
    days = day[ordered]
    last = np.searchsorted(days, days + DAYS, side="left")
    lengths = last - np.arange(len(ordered))
    start = len(lengths) - 1 - int(np.argmax(lengths[::-1]))
    return ordered[start : last[start]]
