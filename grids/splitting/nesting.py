"""Unit grids inside of service grids: each service grid is parted, so that it consists of whole unit grids.

The service grids come first, and nothing about them depends on the unit grids: so they are as even as without.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grids.splitting.graph import Graph
from grids.splitting.problem import Ints
from grids.splitting.solve import Effort, Tell, solve

# How many atoms a unit grid should have at least.
GRAIN = 3
# How far unit grids may be from the same area before it costs much: streets matter more.
TOLERANCE = 0.3
# What a barrier parts off stands by itself from this share of a unit grid's area.
LEAST_PART = 0.25
_EFFORT = Effort(recombinations=12, moves=100, starts=2)


@dataclass(frozen=True, slots=True)
class Units:
    """The unit grid of each atom, and the service grid of each unit grid."""

    labels: Ints
    parents: Ints


def nested(graph: Graph, services: Ints, area: float, setting: float, seed: int, tell: Tell) -> Units:
    """Part service grids, given by the label of each atom, into connected unit grids of about an area.

    No unit grid lies on both sides of a barrier, unless what the barrier parts off is too small for one.
    """
    within = services[graph.pairs[:, 0]] == services[graph.pairs[:, 1]]
    parts = _parts(graph, within, LEAST_PART * area)
    ground = graph.parted(within & (parts[graph.pairs[:, 0]] == parts[graph.pairs[:, 1]]))
    parts = ground.components()
    sizes = np.bincount(parts, graph.areas)
    counts = np.minimum(_counts(sizes, area), np.bincount(parts))
    labels = solve(ground, graph.areas, counts, setting, seed, _EFFORT, tell, TOLERANCE)
    parents = np.zeros(int(counts.sum()), np.int64)
    parents[labels] = services
    return Units(labels, parents)


def _counts(sizes: np.ndarray, area: float) -> Ints:
    """Return into how many units of an area sizes are parted: the number whose even share is nearest to it."""
    low = np.maximum(1, np.floor(sizes / area))
    nearer = np.abs(sizes / (low + 1) - area) < np.abs(sizes / low - area)
    return (low + nearer).astype(np.int64)


def _parts(graph: Graph, within: np.ndarray, least: float) -> Ints:
    """Return the label of the part of a service grid between barriers that each atom is in.

    A part smaller than `least` joins the one beside it in the same service grid with the longest border.
    """
    # A border half-way between two carriageways runs along both and upon neither.
    along = np.maximum(graph.lengths[:, 3], graph.barriers) > 0.5 * graph.lengths.sum(1)
    links = within & ~along
    one, two = graph.pairs[links].T
    matrix = coo_array((np.ones(len(one), np.int8), (one, two)), shape=(graph.count, graph.count))
    count, labels = connected_components(matrix, directed=False)
    sizes = np.bincount(labels, graph.areas, count)
    group = np.arange(count)
    ends = labels[graph.pairs[within & along]]
    lengths = graph.lengths[within & along].sum(1)
    for part in np.argsort(sizes, kind="stable").tolist():
        if sizes[part] >= least:
            break
        here = group[part]
        mine = (group[ends] == here).any(1) & (group[ends[:, 0]] != group[ends[:, 1]])
        if sizes[group == here].sum() >= least or not mine.any():
            continue
        beyond = np.where(group[ends[mine, 0]] == here, group[ends[mine, 1]], group[ends[mine, 0]])
        around, index = np.unique(beyond, return_inverse=True)
        group[group == here] = around[np.argmax(np.bincount(index, lengths[mine]))]
    return group[labels]
