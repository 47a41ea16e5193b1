"""Local search on the graph of atoms: simulated annealing of single moves between neighbouring grids.

A move takes one atom from its grid to a neighbouring one and is made only if the grid it leaves stays connected.
Acceptance after S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi, “Optimization by simulated annealing”, Science 220
(1983); compactness is the ratio of D. D. Polsby and R. D. Popper, “The third criterion” (1991): 4π area / perimeter².
"""

import math
import random
from dataclasses import dataclass

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints

FOUR_PI = 4 * math.pi


@dataclass(frozen=True, slots=True)
class Weights:
    """What a solution costs: for each edge left inside a grid, each edge that becomes border, and imbalance."""

    inside: Floats
    border: Floats
    target: float
    balance: float = 10.0
    tolerance: float = 0.07
    compact: float = 0.7
    per_metre: float = 1.0


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
        self.random = random.Random(seed)  # noqa: S311 - a search, not a secret
        self.slack, self.tolerance, self.balance = weights.tolerance, weights.tolerance, weights.balance
        self.costs = [self.cost(*row) for row in zip(self.load, self.area, self.rim, strict=True)]

    def cost(self, load: float, area: float, rim: float) -> float:
        """Return what one grid costs."""
        weights = self.weights
        off = abs(load - weights.target) / weights.target
        price = self.balance * off * off + weights.compact * rim / math.sqrt(FOUR_PI * area)
        return price + 30 * (off - self.tolerance) if off > self.tolerance else price

    def total(self) -> float:
        """Return what the whole partition costs."""
        return sum(self.costs) + self.linear

    def recount(self) -> None:
        """Compute all costs anew after what balance costs has changed."""
        self.costs = [self.cost(*row) for row in zip(self.load, self.area, self.rim, strict=True)]

    def moves(self, tries: int, heat: float) -> None:
        part, near, cost, costs = self.part, self.near, self.cost, self.costs
        load, area, rim = self.load, self.area, self.rim
        uniform, atoms = self.random.random, len(self.part)
        for _ in range(tries):
            atom = int(uniform() * atoms)
            around = near[atom]
            if not around:
                continue
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
            weight, extent, edge = self.loads[atom], self.areas[atom], self.rims[atom]
            rim_home, rim_to = rim[home] - edge + 2 * kept, rim[to] + edge - 2 * gained
            cost_home = cost(load[home] - weight, area[home] - extent, rim_home)
            cost_to = cost(load[to] + weight, area[to] + extent, rim_to)
            change = cost_home + cost_to - costs[home] - costs[to] + price
            if change > 0 and uniform() >= math.exp(-change / heat):
                continue
            if kept and not self.stays_connected(atom, home):
                continue
            if not kept:
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

    def stays_connected(self, atom: int, home: int) -> bool:
        """Return whether a grid without one of its atoms is still in one piece."""
        part, near = self.part, self.near
        targets = [other for other, _length, _worth in near[atom] if part[other] == home]
        if len(targets) < 2:
            return True
        missing = set(targets[1:])
        seen = {atom, targets[0]}
        stack = [targets[0]]
        while stack:
            for other, _length, _worth in near[stack.pop()]:
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
