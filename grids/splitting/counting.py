"""How many grids, and which atoms and parts of the ground cannot be balanced."""

from dataclasses import dataclass

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints, Remark, SplitError

MOST_GRIDS = 999
# How far off the even share a grid may be without a price, and how far at least, be the even share itself at the edge.
SLACK, LEAST_SLACK = 0.08, 0.02


@dataclass(frozen=True, slots=True)
class Counted:
    """Grids for each connected part, how far each may be off the even share, loads with towers capped at a whole grid,
    the target, and what to tell.
    """

    counts: Ints
    slack: Floats
    loads: Floats
    target: float
    remarks: tuple[Remark, ...]


def counted(graph: Graph, target: float | None, number: int | None) -> Counted:
    """Share out grids among the connected parts of the ground; raise `SplitError` for a number that cannot be."""
    parts = graph.components()
    pieces = int(parts.max()) + 1
    total = float(graph.loads.sum())
    remarks: list[Remark] = []
    loads = graph.loads
    if total == 0:
        # Nobody lives here: grids of equal area.
        remarks.append(Remark("empty"))
        loads = graph.areas
        total = float(loads.sum())
        target = None
        number = number or pieces
    wanted = target if target is not None else total / (number or 1)
    if number is not None and number < pieces:
        raise SplitError("fewer_than_parts", number=number, parts=pieces)
    if number is not None and number > graph.count:
        raise SplitError("more_than_atoms", number=number, atoms=graph.count)
    loads = np.minimum(loads, wanted)
    sums = np.bincount(parts, loads, pieces)
    counts = _shared(sums, number) if number else np.array([_nearest(load, wanted) for load in sums], np.int64)
    counts = np.minimum(counts, np.bincount(parts))
    for part in np.flatnonzero((sums < 0.9 * wanted) & (pieces > 1)):
        remarks.append(
            Remark("island", {"households": int(np.bincount(parts, graph.loads)[part]), "target": round(wanted)})
        )
    for atom in np.flatnonzero(graph.loads > 1.1 * wanted) if graph.loads.sum() else ():
        remarks.append(Remark("tower", {"households": int(graph.loads[atom]), "target": round(wanted)}))
    large = sums >= 0.9 * wanted
    uneven = np.flatnonzero(large & (np.abs(sums / counts / wanted - 1) > 0.1))
    for part in uneven:
        even = float(sums[part] / counts[part])
        remarks.append(Remark("uneven", {"total": int(sums[part]), "target": round(wanted), "each": round(even)}))
    return Counted(counts, _slack(sums / counts / wanted), loads, wanted, tuple(remarks))


def _slack(even: Floats) -> Floats:
    """Return how far a grid may be off an even share (of the target) and yet within a tenth of the target."""
    even = np.maximum(even, 1e-9)
    room = np.minimum(1.1 / even - 1, 1 - 0.9 / even)
    return np.where(room > 0, np.clip(room, LEAST_SLACK, SLACK), SLACK)


def _nearest(load: float, target: float) -> int:
    """Return the number of grids whose even share is nearest to the target."""
    low = max(1, int(load // target))
    return min((low, low + 1), key=lambda count: abs(load / count - target))


def _shared(sums: Floats, number: int) -> Ints:
    """Give every part one grid and each further one to the part with the most per grid (T. Jefferson’s method)."""
    counts = np.ones(len(sums), np.int64)
    for _ in range(number - len(sums)):
        counts[np.argmax(sums / counts)] += 1
    return counts
