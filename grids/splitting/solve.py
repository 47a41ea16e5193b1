"""The partition: how many grids each connected part gets, a start, and rounds of recombination and single moves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints
from grids.splitting.recombine import recombine
from grids.splitting.search import Search, Weights
from grids.splitting.start import bisected

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: recombinations a grid and single moves an atom, and from how many starts."""

    recombinations: int = 300
    moves: int = 150
    starts: int = 2
    most: int = 40_000

    def shared(self, grids: int) -> "Effort":
        """Return the effort for a number of grids: the more there are, the less for each, but never too little."""
        if grids * self.recombinations * self.starts <= self.most:
            return self
        each = max(40, self.most // grids)
        return Effort(min(each, self.recombinations), max(40, self.moves * each // self.recombinations), 1, self.most)


def solve(
    graph: Graph, loads: Floats, counts: Ints, setting: float, seed: int, effort: Effort, tell: Tell, tolerance: float
) -> Ints:
    """Return the grid of each atom; `counts` says how many grids each connected part has, in order of its label."""
    parts = graph.components()
    labels = np.zeros(graph.count, np.int64)
    first, done, total = 0, 0, int(counts.sum())
    for part in range(len(counts)):
        members = np.flatnonzero(parts == part)
        count = int(counts[part])
        share = count / total

        def inner(fraction: float, base: float = done / total, share: float = share) -> None:
            tell(base + fraction * share)

        if count > 1:
            small = graph.part(members, loads[members])
            labels[members] = first + _best(small, count, setting, seed, effort.shared(total), inner, tolerance)
        else:
            labels[members] = first
        first += count
        done += count
    return labels


def weights(graph: Graph, count: int, setting: float, tolerance: float) -> Weights:
    """Return what barriers inside grids and borders off the streets cost at a setting from 0 to 1.

    Barriers are weighed by their share of all barrier length, borders by their share of what square grids would have.
    """
    barrier = max(float(graph.barriers.sum()), 1.0)
    square = 2 * np.sqrt(float(graph.areas.sum()) * count)
    strength = 0.2 * 20.0**setting
    off = graph.lengths[:, 0] + 0.5 * graph.lengths[:, 1]
    target = float(graph.loads.sum()) / count
    return Weights(
        strength * count * graph.barriers / barrier,
        0.1 * count * off / square,
        target,
        tolerance=tolerance,
        per_metre=strength * count / barrier,
    )


def _best(graph: Graph, count: int, setting: float, seed: int, effort: Effort, tell: Tell, tolerance: float) -> Ints:
    found = []
    for start in range(effort.starts):

        def inner(fraction: float, start: int = start) -> None:
            tell((start + fraction) / effort.starts)

        search = Search(
            graph,
            bisected(graph, count, 0.35 * start + 0.1 * (seed % 7)),
            count,
            weights(graph, count, setting, tolerance),
            seed * 1009 + start,
        )
        _run(search, effort, inner)
        found.append((search.total(), start, search.labels()))
    return min(found, key=lambda row: row[:2])[2]


def _run(search: Search, effort: Effort, tell: Tell) -> None:
    """Cool down: recombinations first, then single moves; balance is loose at first and firm at the end."""
    firm = search.weights.tolerance
    trials = effort.recombinations * search.count
    atoms = len(search.part)
    for trial in range(trials):
        if trial % 64 == 0:
            share = trial / trials
            tell(0.7 * share)
            heat = 0.3 * (0.002 / 0.3) ** share
            slack = max(firm, 0.3 * (1 - 1.2 * share))
            if slack != search.slack:
                search.slack = slack
        recombine(search, int(search.random.random() * atoms), heat)
    rounds = max(1, effort.moves * atoms // 4096)
    for step in range(rounds):
        tell(0.7 + 0.3 * step / rounds)
        search.moves(4096, 0.02 * 0.025 ** (step / max(1, rounds - 1)))
