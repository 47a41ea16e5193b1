"""Two neighbouring grids at once: joined, and parted anew along a random spanning tree.

After D. DeFord, M. Duchin and J. Solomon, “Recombination: a family of Markov chains for redistricting”, Harvard Data
Science Review 3.1 (2021). Trees are minimal for random weights to which borders along barriers and streets add, so
that they cross a barrier as seldom as they can: cutting an edge of such a tree tends to cut along a barrier.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from grids.splitting.search import Search

# How strongly barriers keep out of trees at most: against random weights from 0 to 1.
PULL = 2.0


@dataclass(slots=True)
class _Pair:
    """Two grids joined: their atoms, the edges between them by place in `members`, and sums over both."""

    home: int
    away: int
    members: list[int]
    links: list[tuple[int, int, float, float]]
    rim: float
    area: float
    load: float
    cost: float


def recombine(search: Search, atom: int, heat: float) -> bool:
    """Join the grid of an atom with a neighbouring one and part them anew; returns whether anything changed."""
    home = search.part[atom]
    other = [grid for there, _length, _price in search.near[atom] if (grid := search.part[there]) != home]
    if not other:
        return False
    pair = _joined(search, atom, home, other[int(search.random.random() * len(other))])
    parent, order = _tree(search, pair)
    best, chosen = math.inf, None
    for inside, numbers in _ways_to_part(search, pair, parent, order):
        price = numbers[6]
        cost = search.cost(*numbers[:3]) + search.cost(*numbers[3:6]) + price
        if cost < best:
            best, chosen = cost, (inside, numbers)
    if chosen is None or (best >= pair.cost and search.random.random() >= math.exp((pair.cost - best) / heat)):
        return False
    _apply(search, pair, *chosen)
    return True


def _joined(search: Search, atom: int, home: int, away: int) -> _Pair:
    part, near = search.part, search.near
    number = {atom: 0}
    members = [atom]
    links = []
    rim = search.rim[home] + search.rim[away]
    cost = search.costs[home] + search.costs[away]
    for here, index in enumerate(members):
        grid = part[index]
        for there, length, price in near[index]:
            beyond = part[there]
            if beyond != home and beyond != away:
                continue
            place = number.get(there)
            if place is None:
                place = number[there] = len(members)
                members.append(there)
            if there > index:
                links.append((here, place, length, price))
                if beyond == grid:
                    cost += price
                else:
                    rim -= 2 * length
    area, load = search.area[home] + search.area[away], search.load[home] + search.load[away]
    return _Pair(home, away, members, links, rim, area, load, cost)


def _tree(search: Search, pair: _Pair) -> tuple[list[int], list[int]]:
    """Return parents and an order from the root of a minimal spanning tree (J. B. Kruskal, 1956)."""
    uniform = search.random.random
    pull = PULL * uniform() / search.weights.per_metre
    edges = sorted((uniform() + pull * price / length, one, two) for one, two, length, price in pair.links)
    count = len(pair.members)
    root = list(range(count))
    tree: list[list[int]] = [[] for _ in range(count)]
    for _weight, one, two in edges:
        a, b = one, two
        while root[a] != a:
            root[a] = a = root[root[a]]
        while root[b] != b:
            root[b] = b = root[root[b]]
        if a != b:
            root[a] = b
            tree[one].append(two)
            tree[two].append(one)
    parent = [-1] * count
    order = [0]
    for here in order:
        for there in tree[here]:
            if there != parent[here]:
                parent[there] = here
                order.append(there)
    return parent, order


def _ways_to_part(
    search: Search, pair: _Pair, parent: list[int], order: list[int]
) -> Iterator[tuple[bytearray, tuple[float, ...]]]:
    """Yield each side of a tree edge that leaves both loads near the target, with what both sides then are."""
    load = [search.loads[index] for index in pair.members]
    for here in reversed(order[1:]):
        load[parent[here]] += load[here]
    target, slack = search.weights.target, search.slack * search.weights.target
    for root in order[1:]:
        if abs(load[root] - target) > slack or abs(pair.load - load[root] - target) > slack:
            continue
        inside = bytearray(len(parent))
        inside[root] = 1
        for here in order:
            if parent[here] >= 0 and inside[parent[here]]:
                inside[here] = 1
        area = rim = across = price = 0.0
        for index, mine in zip(pair.members, inside, strict=True):
            if mine:
                area += search.areas[index]
                rim += search.rims[index]
        for one, two, length, worth in pair.links:
            if inside[one] != inside[two]:
                across += length
            else:
                price += worth
                if inside[one]:
                    rim -= 2 * length
        rest = pair.rim + 2 * across - rim
        yield inside, (load[root], area, rim, pair.load - load[root], pair.area - area, rest, price)


def _apply(search: Search, pair: _Pair, inside: bytearray, numbers: tuple[float, ...]) -> None:
    before = pair.cost - search.costs[pair.home] - search.costs[pair.away]
    for index, mine in zip(pair.members, inside, strict=True):
        search.part[index] = pair.home if mine else pair.away
    for grid, (load, area, rim) in ((pair.home, numbers[:3]), (pair.away, numbers[3:6])):
        search.load[grid], search.area[grid], search.rim[grid] = load, area, rim
        search.costs[grid] = search.cost(load, area, rim)
    search.size[pair.home] = sum(inside)
    search.size[pair.away] = len(inside) - sum(inside)
    search.linear += numbers[6] - before
    search.look({there for index in pair.members for there in search.beside[index]}.union(pair.members))
