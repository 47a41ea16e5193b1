"""Unit grids inside of service grids: each service grid is parted, so that it consists of whole unit grids.

The service grids come first, and nothing about them depends on the unit grids: so they are as even as without.
"""

from dataclasses import dataclass, replace

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.pieces import connected
from grids.splitting.problem import Floats, Ints
from grids.splitting.search import Search
from grids.splitting.solve import Effort, Tell, solve, weights

# How many atoms a unit grid should have at least.
GRAIN = 3
# How far unit grids may be from the same area before it costs much: streets matter more.
TOLERANCE = 0.3
# What a barrier parts off stands by itself from this share of a unit grid's area.
LEAST_PART = 0.25
ROUNDS = 12
_EFFORT = Effort(recombinations=12, moves=100, starts=2)


@dataclass(frozen=True, slots=True)
class Units:
    """The unit grid of each atom, and the service grid of each unit grid."""

    labels: Ints
    parents: Ints


def gathered(graph: Graph, most_load: float, most_area: float) -> Ints:
    """Return groups of atoms with at most a load and an area, labelled from 0: what a street lies between stays apart.

    The longest borders vanish first, as in the coarsening of multilevel partitioning (G. Karypis and V. Kumar, 1998).
    """
    open_ground = np.flatnonzero(graph.lengths[:, 2:].sum(1) < 0.5 * graph.lengths.sum(1))
    order = open_ground[np.argsort(-graph.lengths[open_ground].sum(1), kind="stable")]
    root = list(range(graph.count))
    loads, areas = graph.loads.tolist(), graph.areas.tolist()
    for one, two in graph.pairs[order].tolist():
        while root[one] != one:
            root[one] = one = root[root[one]]
        while root[two] != two:
            root[two] = two = root[root[two]]
        if one != two and loads[one] + loads[two] <= most_load and areas[one] + areas[two] <= most_area:
            root[two] = one
            loads[one] += loads[two]
            areas[one] += areas[two]
    for atom in range(graph.count):
        while root[atom] != root[root[atom]]:
            root[atom] = root[root[atom]]
    return np.unique(root, return_inverse=True)[1]


def refined(graph: Graph, loads: Floats, labels: Ints, setting: float, seed: int, tolerance: float) -> Ints:
    """Return grids found among groups of atoms improved by single moves of atoms."""
    count = int(labels.max()) + 1
    ground = replace(graph, loads=loads)
    search = Search(ground, labels, count, weights(ground, count, setting, tolerance), seed)
    for step in range(ROUNDS):
        search.moves(graph.count * 8, 0.005 * 0.1 ** (step / ROUNDS))
    return search.labels()


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
    labels = solve(ground, graph.areas, counts, setting, seed, _EFFORT, tell, np.full(len(counts), TOLERANCE))
    # What is left between blocks that cannot be cut joins a neighbour.
    kept = np.flatnonzero(within & (labels[graph.pairs[:, 0]] != labels[graph.pairs[:, 1]]))
    sizes = np.bincount(labels, graph.areas)
    whole = _joined(sizes, labels[graph.pairs[kept]], graph.lengths[kept].sum(1), LEAST_PART * area)[labels]
    _labels, labels = np.unique(whole, return_inverse=True)
    parents = np.zeros(len(_labels), np.int64)
    parents[labels] = services
    return Units(labels, parents)


def _counts(sizes: Floats, area: float) -> Ints:
    """Return into how many units of an area sizes are parted: the number whose even share is nearest to it."""
    low = np.maximum(1, np.floor(sizes / area))
    nearer = np.abs(sizes / (low + 1) - area) < np.abs(sizes / low - area)
    return (low + nearer).astype(np.int64)


def _parts(graph: Graph, within: np.ndarray, least: float) -> Ints:
    """Return the label of the part of a service grid between barriers that each atom is in; none is too small."""
    # A border half-way between two carriageways runs along both and upon neither.
    along = np.maximum(graph.lengths[:, 3], graph.barriers) > 0.5 * graph.lengths.sum(1)
    links = within & ~along
    one, two = graph.pairs[links].T
    count, labels = connected(one, two, graph.count)
    over = within & along
    sizes = np.bincount(labels, graph.areas, count)
    return _joined(sizes, labels[graph.pairs[over]], graph.lengths[over].sum(1), least)[labels]


def _joined(sizes: Floats, ends: Ints, lengths: Floats, least: float) -> Ints:
    """Return the group of each piece, after pieces smaller than `least` joined that with the longest common border.

    `ends` and `lengths` are the borders between pieces that may join.
    """
    group = np.arange(len(sizes))
    for piece in np.argsort(sizes, kind="stable").tolist():
        if sizes[piece] >= least:
            break
        here = group[piece]
        mine = (group[ends] == here).any(1) & (group[ends[:, 0]] != group[ends[:, 1]])
        if sizes[group == here].sum() >= least or not mine.any():
            continue
        beyond = np.where(group[ends[mine, 0]] == here, group[ends[mine, 1]], group[ends[mine, 0]])
        around, index = np.unique(beyond, return_inverse=True)
        group[group == here] = around[np.argmax(np.bincount(index, lengths[mine]))]
    return group
