"""The partition: how many grids each connected part gets, a start, and rounds of recombination and single moves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints
from grids.splitting.recombine import recombine
from grids.splitting.search import Search, Weights
from grids.splitting.start import bisected

# The heat at which annealing begins and ends, beside a mean Polsby–Popper ratio between 0 and 1.
HOT, COLD = 0.2, 0.002
ROUNDS = 256
# What a border off the streets costs, one side of a square grid long.
OFF_STREET = 0.025
# What a grid costs, at setting 0, for each time that its ratio is worse than poor; nothing at setting 1.
SPOILED = 1.0
# How many times from side to side barriers may cross a grid on average before each costs less.
MOST_CROSSINGS = 2.0
Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: recombinations and single moves an atom, and the most of both for the whole ground.

    A city of any size is done in a time that grows with it. An area below those bounds is begun several times, and
    the best end is kept.
    """

    recombinations: int = 25
    moves: int = 1200
    visits: int = 2_000_000
    most_moves: int = 1_200_000
    starts: int = 5

    def of(self, atoms: int, grids: int, share: float) -> tuple[int, int, int]:
        """Return recombinations, moves and starts for a part with its share of the whole."""
        trials = min(self.recombinations * atoms, int(self.visits * share * grids / (2 * atoms)))
        moves = min(self.moves * atoms, max(int(self.most_moves * share), 30 * atoms))
        return trials, moves, self.starts if moves == self.moves * atoms else 1


def solve(
    graph: Graph, loads: Floats, counts: Ints, setting: float, seed: int, effort: Effort, tell: Tell, slack: Floats
) -> Ints:
    """Return the grid of each atom; `counts` says how many grids each connected part has, in order of its label, and
    `slack` how far off their even share these may be.
    """
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
            labels[members] = first + _best(
                small, count, setting, seed, effort.of(len(members), count, share), inner, float(slack[part])
            )
        else:
            labels[members] = first
        first += count
        done += count
    return labels


def weights(graph: Graph, count: int, setting: float, tolerance: float) -> Weights:
    """Return what barriers inside grids and borders off the streets cost at a setting from 0 to 1.

    Both are weighed by the side of a square grid: a barrier that runs through every grid from side to side costs
    `strength`, several cost twice as much at most, or shapes would count for nothing where there are few grids.
    """
    side = float(np.sqrt(graph.areas.sum() / count))
    crossings = float(graph.barriers.sum()) / (count * side)
    strength = 0.1 * 20.0**setting * min(1.0, MOST_CROSSINGS / max(crossings, 1e-9))
    off = graph.lengths[:, 0] + 0.5 * graph.lengths[:, 1]
    return Weights(
        strength / side * graph.barriers,
        OFF_STREET / side * off,
        float(graph.loads.sum()) / count,
        tolerance=tolerance,
        per_metre=strength / side,
        hurt=SPOILED * (1 - setting) ** 2,
    )


def _best(
    graph: Graph, count: int, setting: float, seed: int, effort: tuple[int, int, int], tell: Tell, tolerance: float
) -> Ints:
    found = []
    trials, moves, starts = effort
    for start in range(starts):

        def inner(fraction: float, start: int = start) -> None:
            tell((start + fraction) / starts)

        search = Search(
            graph,
            bisected(graph, count, 0.35 * start + 0.1 * (seed % 7)),
            count,
            weights(graph, count, setting, tolerance),
            seed * 1009 + start,
        )
        _run(search, trials, moves, inner)
        found.append((search.total(), start, search.labels()))
    return min(found, key=lambda row: row[:2])[2]


def _run(search: Search, trials: int, moves: int, tell: Tell) -> None:
    """Cool down: recombinations, ever fewer, and single moves; balance is loose at first and firm at the end."""
    atoms, uniform = len(search.part), search.random.random
    done = 0
    for step in range(ROUNDS):
        share = step / ROUNDS
        tell(share)
        heat = HOT * (COLD / HOT) ** share
        search.slack = max(search.weights.tolerance, 0.3 * (1 - 1.5 * share))
        until = int(trials * (1 - (1 - (step + 1) / ROUNDS) ** 2))
        for _ in range(until - done):
            recombine(search, int(uniform() * atoms), heat)
        done = until
        search.moves(moves // ROUNDS, heat)
