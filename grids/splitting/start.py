"""A first partition: halving again and again along the long side, every part connected."""

from typing import TYPE_CHECKING

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import coo_array


def bisected(graph: Graph, count: int, turn: float) -> Ints:
    """Return labels of `count` connected parts of about the same load; `turn` in radians varies the result."""
    from scipy.sparse import coo_array

    labels = np.zeros(graph.count, np.int64)
    matrix = coo_array((np.ones(len(graph.pairs), np.int8), tuple(graph.pairs.T)), shape=(graph.count,) * 2).tocsr()
    work = [(np.arange(graph.count), 0, count)]
    weight = graph.loads + 1e-9 * graph.areas
    while work:
        members, first, parts = work.pop()
        if parts == 1 or len(members) <= 1:
            labels[members] = first
            continue
        left = parts // 2
        side = _cut(graph.places[members], weight[members], parts, turn)
        side = _connected(matrix[members][:, members], side)
        work += [(members[side], first, left), (members[~side], first + left, parts - left)]
    return _filled_up(matrix, labels, count)


def _filled_up(matrix: "coo_array", labels: Ints, count: int) -> Ints:
    """Give every empty part an atom of the largest one: the last that a walk reaches, so that the rest holds."""
    from scipy.sparse.csgraph import breadth_first_order

    sizes = np.bincount(labels, minlength=count)
    for label in np.flatnonzero(sizes == 0):
        largest = int(np.argmax(np.bincount(labels, minlength=count)))
        members = np.flatnonzero(labels == largest)
        walk = breadth_first_order(matrix[members][:, members], 0, directed=False, return_predecessors=False)
        labels[members[walk[-1]]] = label
    return labels


def _cut(places: Floats, weight: Floats, parts: int, turn: float) -> np.ndarray:
    middle = np.average(places, axis=0, weights=weight) if weight.sum() else places.mean(0)
    spread = (places - middle) * np.sqrt(weight + weight.mean() * 0.1)[:, None]
    _values, axes = np.linalg.eigh(spread.T @ spread)
    axis = axes[:, 1] if axes[np.argmax(np.abs(axes[:, 1])), 1] > 0 else -axes[:, 1]
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ axis
    order = np.argsort(places @ turned, kind="stable")
    total = np.cumsum(weight[order])
    left = parts // 2
    share = left / parts
    at = int(np.searchsorted(total, total[-1] * share))
    if at and abs(total[at - 1] - total[-1] * share) < abs(total[min(at, len(total) - 1)] - total[-1] * share):
        at -= 1
    side = np.zeros(len(places), bool)
    side[order[: min(max(at + 1, left), max(1, len(places) - parts + left))]] = True
    return side


def _connected(matrix: "coo_array", side: np.ndarray) -> np.ndarray:
    """Return the sides with everything but the largest piece of each given to the other, until both are one piece."""
    from scipy.sparse.csgraph import connected_components

    for _ in range(8):
        changed = False
        for value in (True, False):
            mine = np.flatnonzero(side == value)
            number, piece = connected_components(matrix[mine][:, mine], directed=False)
            if number > 1:
                largest = np.argmax(np.bincount(piece))
                side = side.copy()
                side[mine[piece != largest]] = not value
                changed = True
        if not changed:
            break
    return side
