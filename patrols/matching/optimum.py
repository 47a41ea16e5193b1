"""The best matching as a flow of least cost, and the one by one that it is compared with.

Every place to fill is a unit that flows from its case over somebody who could go to the sink, or past everybody, which
costs more per weight than all ways together: so first as much weight as possible is served, then the ways are
shortest. Costs are whole numbers, so that the optimum is exact. The network and its solution by cost scaling: Ahuja,
Magnanti, Orlin, Network Flows (1993), §1.2 and §10.3, as implemented by OR-Tools' SimpleMinCostFlow.
"""

from collections.abc import Iterable

import numpy as np
from ortools.graph.python import min_cost_flow

from patrols.matching.eligible import Eligible, eligible
from patrols.matching.problem import Case, Matching, Pair, Unserved, Volunteer, checked


def match(cases: Iterable[Case], volunteers: Iterable[Volunteer]) -> Matching:
    """See `patrols.matching.match`."""
    asked, people = checked(cases, volunteers)
    found = list(eligible(asked, people))
    return _matching(asked, people, found, _flow(asked, people, found))


def greedy(cases: Iterable[Case], volunteers: Iterable[Volunteer]) -> Matching:
    """See `patrols.matching.greedy`."""
    asked, people = checked(cases, volunteers)
    left = [one.capacity for one in people]
    found = list(eligible(asked, people))
    pairs: list[tuple[int, int, int]] = []
    for number in sorted(range(len(asked)), key=lambda number: (-asked[number].weight, asked[number].key)):
        missing = asked[number].places
        for one, metres in zip(found[number].numbers.tolist(), found[number].metres.tolist(), strict=True):
            if not missing:
                break
            if left[one]:
                left[one] -= 1
                missing -= 1
                pairs.append((number, one, metres))
    return _matching(asked, people, found, pairs)


def _flow(cases: list[Case], volunteers: list[Volunteer], found: list[Eligible]) -> list[tuple[int, int, int]]:
    """Return who goes where: the number of the case, that of the volunteer, and metres."""
    counts = np.array([len(one.numbers) for one in found], np.int64)
    if not counts.sum():
        return []
    weights = np.array([case.weight for case in cases], np.int64)
    places = np.array([case.places for case in cases], np.int64)
    tails = np.repeat(np.arange(len(cases)), counts)
    heads, ways = np.concatenate([one.numbers for one in found]), np.concatenate([one.metres for one in found])
    farthest = np.array([one.metres[-1] if len(one.metres) else 0 for one in found], np.int64)
    past = 1 + int((places * weights * farthest).sum())
    used, heads = np.unique(heads, return_inverse=True)
    sink = len(cases) + len(used)
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        tails, len(cases) + heads, np.ones_like(ways), ways * weights[tails]
    )
    capacity = np.array([min(volunteers[one].capacity, len(cases)) for one in used], np.int64)
    people = np.arange(len(used))
    network.add_arcs_with_capacity_and_unit_cost(
        len(cases) + people, np.full_like(people, sink), capacity, np.zeros_like(people)
    )
    everything = np.arange(len(cases))
    network.add_arcs_with_capacity_and_unit_cost(everything, np.full_like(everything, sink), places, past * weights)
    network.set_nodes_supplies(everything, places)
    network.set_node_supply(sink, -int(places.sum()))
    status = network.solve()
    if status != network.OPTIMAL:
        message = f"the flow has no optimum: {status}"
        raise RuntimeError(message)
    chosen = np.flatnonzero(network.flows(arcs))
    return [(int(tails[one]), int(used[heads[one]]), int(ways[one])) for one in chosen]


def _matching(
    cases: list[Case], volunteers: list[Volunteer], found: list[Eligible], pairs: list[tuple[int, int, int]]
) -> Matching:
    filled = np.bincount([case for case, _one, _metres in pairs], minlength=len(cases)) if pairs else [0] * len(cases)
    unserved = [
        Unserved(case.key, case.places - int(many), one.reason, one.nearest)
        for case, one, many in zip(cases, found, filled, strict=True)
        if many < case.places
    ]
    rows = sorted(pairs, key=lambda row: (row[0], row[2], row[1]))
    return Matching(
        tuple(Pair(cases[case].key, volunteers[one].key, metres) for case, one, metres in rows),
        tuple(unserved),
        sum(cases[case].weight for case, _one, _metres in rows),
        sum(cases[case].weight * metres for case, _one, metres in rows),
    )
