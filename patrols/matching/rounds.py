"""In what order somebody goes round several places: an open way from where they are, ends where the last place is.

Up to `EXACT` stops the shortest way, by dynamic programming over subsets (Held, Karp, A dynamic programming approach to
sequencing problems, J. SIAM 10, 1962). Beyond, a good one: always the nearest next, then parts of it turned round
(2-opt; Croes, A method for solving traveling-salesman problems, Operations Research 6, 1958) and up to three stops in a
row put elsewhere (Or-opt; Or, 1976), as long as either makes it shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from patrols.matching.distances import table
from patrols.matching.problem import MatchingError, check_place

EXACT, MOST_STOPS, STARTS = 10, 60, 8
LEAST_GAIN = 1e-6  # metres: less is rounding
Table = list[list[float]]


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to go to, in degrees of WGS-84."""

    key: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A stop with the whole metres from the one before, as the crow flies."""

    key: str
    metres: int


@dataclass(frozen=True, slots=True)
class Round:
    """The stops in order, the metres of the whole way, and whether none is shorter."""

    legs: tuple[Leg, ...]
    metres: int
    exact: bool


def go_round(start: tuple[float, float], stops: Sequence[Stop]) -> Round:
    """Return a short way from a start (longitude, latitude) over all stops.

    The answer does not hang on their order. Raises MatchingError for a place that is none, a key given twice and too
    many stops.
    """
    wanted = sorted(stops, key=lambda stop: stop.key)
    if len(wanted) > MOST_STOPS:
        raise MatchingError("too_many")
    check_place(*start)
    for stop in wanted:
        check_place(stop.lon, stop.lat, stop.key)
    if len({stop.key for stop in wanted}) < len(wanted):
        raise MatchingError("same_key")
    away = table([start[0], *(stop.lon for stop in wanted)], [start[1], *(stop.lat for stop in wanted)])
    exact = len(wanted) <= EXACT
    order = _shortest(away) if exact else _good(away)
    ways = [away[one][other] for one, other in zip([0, *order], order, strict=False)]
    legs = tuple(Leg(wanted[stop - 1].key, round(way)) for stop, way in zip(order, ways, strict=True))
    return Round(legs, round(sum(ways)), exact)


def _shortest(away: Table) -> list[int]:
    """Return the shortest order of the places 1… from place 0."""
    count = len(away) - 1
    best: list[list[float]] = [[inf] * count for _subset in range(1 << count)]
    before = [[-1] * count for _subset in range(1 << count)]
    for last in range(count):
        best[1 << last][last] = away[0][last + 1]
    for subset in range(1 << count):
        for last in range(count):
            so_far = best[subset][last]
            if so_far == inf:
                continue
            for following in range(count):
                wider = subset | 1 << following
                way = so_far + away[last + 1][following + 1]
                if wider != subset and way < best[wider][following]:
                    best[wider][following], before[wider][following] = way, last
    order: list[int] = []
    subset = (1 << count) - 1
    last = min(range(count), key=lambda place: best[subset][place], default=-1)
    while last >= 0:
        order.append(last + 1)
        subset, last = subset & ~(1 << last), before[subset][last]
    return order[::-1]


def _good(away: Table) -> list[int]:
    """Return the best of several improved orders, each begun with another of the nearest stops."""
    firsts = sorted(range(1, len(away)), key=lambda place: (away[0][place], place))[:STARTS]
    found = [_improved(away, _nearest_next(away, first)) for first in firsts]
    return min(found, key=lambda order: _length(away, order))


def _nearest_next(away: Table, first: int) -> list[int]:
    order, left, here = [first], set(range(1, len(away))) - {first}, first
    while left:
        here = min(left, key=lambda place: (away[here][place], place))
        order.append(here)
        left.remove(here)
    return order


def _improved(away: Table, order: list[int]) -> list[int]:
    while True:
        better = _turned(away, order) or _moved(away, order)
        if better is None:
            return order
        order = better


def _length(away: Table, order: Sequence[int]) -> float:
    return sum(away[one][other] for one, other in zip([0, *order], order, strict=False))


def _turned(away: Table, order: list[int]) -> list[int] | None:
    """Return a shorter order with a part turned round; the way's end is open."""
    count = len(order)
    for first in range(count - 1):
        before = order[first - 1] if first else 0
        for last in range(first + 1, count):
            gain = away[before][order[first]] - away[before][order[last]]
            if last + 1 < count:
                gain += away[order[last]][order[last + 1]] - away[order[first]][order[last + 1]]
            if gain > LEAST_GAIN:
                return [*order[:first], *reversed(order[first : last + 1]), *order[last + 1 :]]
    return None


def _moved(away: Table, order: list[int]) -> list[int] | None:
    """Return a shorter order with one to three stops in a row elsewhere, turned round or not."""
    count = len(order)
    for many in (1, 2, 3):
        for first in range(count - many + 1):
            part, rest = order[first : first + many], order[:first] + order[first + many :]
            before = order[first - 1] if first else 0
            saved = away[before][part[0]]
            if first + many < count:
                saved += away[part[-1]][order[first + many]] - away[before][order[first + many]]
            for place in range(len(rest) + 1):
                left = rest[place - 1] if place else 0
                for way in (part, part[::-1]):
                    cost = away[left][way[0]]
                    if place < len(rest):
                        cost += away[way[-1]][rest[place]] - away[left][rest[place]]
                    if saved - cost > LEAST_GAIN:
                        return [*rest[:place], *way, *rest[place:]]
    return None
