"""A first partition: halving again and again along the long side, every part connected."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints


def bisected(graph: Graph, count: int, turn: float) -> Ints:
    """Return labels of `count` connected parts of about the same load; `turn` in radians varies the result."""
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
        side = _cut(graph.places[members], weight[members], left / parts, turn)
        side = _connected(matrix[members][:, members], side)
        work += [(members[side], first, left), (members[~side], first + left, parts - left)]
    return labels


def _cut(places: Floats, weight: Floats, share: float, turn: float) -> np.ndarray:
    middle = np.average(places, axis=0, weights=weight) if weight.sum() else places.mean(0)
    spread = (places - middle) * np.sqrt(weight + weight.mean() * 0.1)[:, None]
    _values, axes = np.linalg.eigh(spread.T @ spread)
    axis = axes[:, 1] if axes[np.argmax(np.abs(axes[:, 1])), 1] > 0 else -axes[:, 1]
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ axis
    order = np.argsort(places @ turned, kind="stable")
    total = np.cumsum(weight[order])
    at = int(np.searchsorted(total, total[-1] * share))
    if at and abs(total[at - 1] - total[-1] * share) < abs(total[min(at, len(total) - 1)] - total[-1] * share):
        at -= 1
    side = np.zeros(len(places), bool)
    side[order[: min(max(at + 1, 1), len(places) - 1)]] = True
    return side


def _connected(matrix: coo_array, side: np.ndarray) -> np.ndarray:
    """Return the sides with everything but the largest piece of each given to the other, until both are one piece."""
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
