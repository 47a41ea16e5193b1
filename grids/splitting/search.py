"""Local search on the graph of atoms: simulated annealing of single moves between neighbouring grids.

A move takes one atom from its grid to a neighbouring one and is made only if the grid it leaves stays connected.
Acceptance after S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi, “Optimization by simulated annealing”, Science 220
(1983); compactness is the ratio of D. D. Polsby and R. D. Popper, “The third criterion” (1991): 4π area / perimeter².
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints

FOUR_PI = 4 * math.pi
# What every share of the target beyond the tolerance costs: more than any shape is worth.
OFF = 30.0
# A grid below this ratio is hardly a shape any more: it costs `Weights.hurt` for each time that it is worse.
POOR = 0.35


@dataclass(frozen=True, slots=True)
class Weights:
    """What a solution costs: for each edge left inside a grid, each edge that becomes border, and imbalance.

    All beside the mean Polsby–Popper ratio of the grids, of which one counts one. `hurt` keeps one grid from being
    spoiled for the sake of the others: the mean alone would let it reach between the carriageways of every road.
    """

    inside: Floats
    border: Floats
    target: float
    balance: float = 10.0
    tolerance: float = 0.07
    per_metre: float = 1.0
    hurt: float = 0.0


class Search:
    """One partition being improved. Costs are summed over grids, so that a move looks at two of them only."""

    def __init__(self, graph: Graph, labels: Ints, count: int, weights: Weights, seed: int) -> None:
        self.count, self.weights = count, weights
        self.part: list[int] = labels.tolist()
        self.load = np.bincount(labels, graph.loads, count).tolist()
        self.area = np.bincount(labels, graph.areas, count).tolist()
        self.size = np.bincount(labels, minlength=count).tolist()
        lengths = graph.lengths.sum(1)
        cut = labels[graph.pairs[:, 0]] != labels[graph.pairs[:, 1]]
        rim = np.bincount(labels, graph.outer, count)
        for side in (0, 1):
            rim += np.bincount(labels[graph.pairs[cut, side]], lengths[cut], count)
        self.rim = rim.tolist()
        self.linear = float(weights.inside[~cut].sum() + weights.border[cut].sum())
        self.loads, self.areas, self.rims = graph.loads.tolist(), graph.areas.tolist(), graph.rims.tolist()
        self.near: list[list[tuple[int, float, float]]] = [[] for _ in range(graph.count)]
        price = (weights.inside - weights.border).tolist()
        for (one, two), length, worth in zip(graph.pairs.tolist(), lengths.tolist(), price, strict=True):
            self.near[one].append((two, length, worth))
            self.near[two].append((one, length, worth))
        self.beside = [frozenset(there for there, _length, _worth in around) for around in self.near]
        self.random = random.Random(seed)  # noqa: S311 - a search, not a secret
        self.slack, self.tolerance, self.balance = weights.tolerance, weights.tolerance, weights.balance
        self.hurt = weights.hurt
        self.costs = [self.cost(*row) for row in zip(self.load, self.area, self.rim, strict=True)]
        # Atoms that have a neighbour in another grid, and where in that list each is (-1: it has none).
        self.edge: list[int] = []
        self.place = [-1] * graph.count
        self.look(range(graph.count))

    def cost(self, load: float, area: float, rim: float) -> float:
        """Return what one grid costs."""
        target = self.weights.target
        off = abs(load - target) / target
        compact = FOUR_PI * area / (rim * rim)
        price = self.balance * off * off - compact
        if compact < POOR:
            price += self.hurt * (POOR / compact - 1.0)
        return price + OFF * (off - self.tolerance) if off > self.tolerance else price

    def total(self) -> float:
        """Return what the whole partition costs."""
        return sum(self.costs) + self.linear

    def look(self, atoms: Iterable[int]) -> None:
        """Find out anew which of these atoms have a neighbour in another grid."""
        part, near, edge, place = self.part, self.near, self.edge, self.place
        for atom in atoms:
            home = part[atom]
            for other, _length, _worth in near[atom]:
                if part[other] != home:
                    if place[atom] < 0:
                        place[atom] = len(edge)
                        edge.append(atom)
                    break
            else:
                if place[atom] >= 0:
                    last = edge.pop()
                    if last != atom:
                        edge[place[atom]] = last
                        place[last] = place[atom]
                    place[atom] = -1

    def moves(self, tries: int, heat: float) -> None:
        """Try to move atoms at the edges of grids."""
        part, near, cost, costs = self.part, self.near, self.cost, self.costs
        load, area, rim, edge = self.load, self.area, self.rim, self.edge
        uniform = self.random.random
        if not edge:
            return  # no grid has a neighbour
        for _ in range(tries):
            atom = edge[int(uniform() * len(edge))]
            around = near[atom]
            home = part[atom]
            to = part[around[int(uniform() * len(around))][0]]
            if to == home or self.size[home] == 1:
                continue
            kept = gained = price = 0.0
            for other, length, worth in around:
                where = part[other]
                if where == home:
                    kept += length
                    price -= worth
                elif where == to:
                    gained += length
                    price += worth
            if not kept:
                continue
            weight, extent, outline = self.loads[atom], self.areas[atom], self.rims[atom]
            rim_home, rim_to = rim[home] - outline + 2 * kept, rim[to] + outline - 2 * gained
            cost_home = cost(load[home] - weight, area[home] - extent, rim_home)
            cost_to = cost(load[to] + weight, area[to] + extent, rim_to)
            change = cost_home + cost_to - costs[home] - costs[to] + price
            if change > 0 and uniform() >= math.exp(-change / heat):
                continue
            if not self.stays_connected(atom, home):
                continue
            part[atom] = to
            load[home] -= weight
            load[to] += weight
            area[home] -= extent
            area[to] += extent
            rim[home], rim[to] = rim_home, rim_to
            costs[home], costs[to] = cost_home, cost_to
            self.size[home] -= 1
            self.size[to] += 1
            self.linear += price
            self.look([atom, *self.beside[atom]])

    def stays_connected(self, atom: int, home: int) -> bool:
        """Return whether a grid without one of its atoms is still in one piece."""
        part, beside = self.part, self.beside
        targets = [other for other in beside[atom] if part[other] == home]
        if len(targets) < 2:
            return True
        # Mostly the neighbours left behind border one another; only else the whole grid is searched.
        missing, stack = set(targets[1:]), [targets[0]]
        while stack:
            found = missing & beside[stack.pop()]
            missing -= found
            stack += found
        if not missing:
            return True
        seen = {atom, targets[0]}
        stack = [targets[0]]
        while stack:
            for other in beside[stack.pop()]:
                if other not in seen and part[other] == home:
                    seen.add(other)
                    missing.discard(other)
                    if not missing:
                        return True
                    stack.append(other)
        return False

    def labels(self) -> Ints:
        """Return the partition as an array."""
        return np.array(self.part, np.int64)
