"""The partition: how many grids each connected part gets, a start, and rounds of recombination and single moves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grids.splitting.graph import Graph
from grids.splitting.problem import Floats, Ints
from grids.splitting.recombine import recombine
from grids.splitting.search import Search, Weights
from grids.splitting.start import bisected

HOT = 1.0
Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: recombinations and single moves an atom, and the most of both for the whole ground.

    A recombination looks at the atoms of two grids; `visits` bounds how many atoms all of them look at, so that a
    city of any size is done in a time that grows with it. An area below that bound is begun several times, and the
    best end is kept.
    """

    recombinations: int = 25
    moves: int = 200
    visits: int = 2_500_000
    most_moves: int = 2_000_000
    starts: int = 6

    def of(self, atoms: int, grids: int, share: float) -> tuple[int, int, int]:
        """Return recombinations, moves and starts for a part with its share of the whole."""
        bound = max(int(self.visits * share * grids / (2 * atoms)), 25 * grids)
        trials = min(self.recombinations * atoms, bound)
        moves = min(self.moves * atoms, max(int(self.most_moves * share), 30 * atoms))
        return trials, moves, 1 if trials == bound else self.starts


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
            labels[members] = first + _best(
                small, count, setting, seed, effort.of(len(members), count, share), inner, tolerance
            )
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
    """Cool down: recombinations first, then single moves; balance is loose at first and firm at the end."""
    firm = search.weights.tolerance
    atoms = len(search.part)
    for trial in range(trials):
        if trial % 64 == 0:
            share = trial / trials
            tell(0.7 * share)
            heat = HOT * (0.002 / HOT) ** share
            slack = max(firm, 0.3 * (1 - 1.2 * share))
            if slack != search.slack:
                search.slack = slack
        recombine(search, int(search.random.random() * atoms), heat)
    rounds = max(1, moves // 4096)
    for step in range(rounds):
        tell(0.7 + 0.3 * step / rounds)
        search.moves(4096, 0.02 * 0.025 ** (step / max(1, rounds - 1)))
