"""Rounds: the shortest by brute force, good ones for many stops, and what is refused."""

import itertools
import math
import random

import pytest

from patrols.matching import MatchingError
from patrols.matching.distances import table
from patrols.matching.rounds import EXACT, Stop, go_round
from tests.patrols.matching.towns import METRE

START = (0.0, 0.0)


def stop(key: str, east: float, north: float = 0) -> Stop:
    return Stop(key, east * METRE, north * METRE)


def some(seed: int, count: int) -> list[Stop]:
    chance = random.Random(seed)
    return [stop(f"{number:02}", chance.uniform(-900, 900), chance.uniform(-900, 900)) for number in range(count)]


def shortest(stops: list[Stop]) -> float:
    away = table([0.0, *(one.lon for one in stops)], [0.0, *(one.lat for one in stops)])
    return min(
        sum(away[one][other] for one, other in itertools.pairwise((0, *order)))
        for order in itertools.permutations(range(1, len(stops) + 1))
    )


def test_the_nearest_next_is_not_the_shortest_round() -> None:
    """From 0 the nearest next goes to c, then back: 100 + 210 + 190. The shortest takes the small side first.

    metres  -110   0    100        300
              a  start   c          b
    """
    found = go_round(START, [stop("a", -110), stop("b", 300), stop("c", 100)])
    assert [(leg.key, leg.metres) for leg in found.legs] == [("a", 110), ("c", 210), ("b", 200)]
    assert (found.metres, found.exact) == (520, True)


@pytest.mark.parametrize("seed", range(12))
def test_no_other_order_is_shorter(seed: int) -> None:
    stops = some(seed, seed % 7 + 1)
    found = go_round(START, stops)
    assert found.exact
    assert found.metres == pytest.approx(shortest(stops), abs=1)
    assert sorted(leg.key for leg in found.legs) == [one.key for one in stops]


@pytest.mark.parametrize("seed", range(8))
def test_many_stops_are_within_a_twentieth_of_the_shortest(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same stops both ways: improving alone, and all orders by dynamic programming."""
    stops = some(100 + seed, EXACT)
    best = go_round(START, stops).metres
    monkeypatch.setattr("patrols.matching.rounds.EXACT", 0)
    found = go_round(START, stops)
    assert not found.exact
    assert best <= found.metres + 1
    assert found.metres <= best * 1.05


def test_sixty_stops_visit_each_once_and_are_near_what_theory_says() -> None:
    stops = some(5, 60)
    found = go_round(START, stops)
    assert sorted(leg.key for leg in found.legs) == sorted(one.key for one in stops)
    # The shortest tour of n random places in an area A tends to 0.7124 √(nA) (Beardwood, Halton, Hammersley 1959).
    assert found.metres < 1.3 * 0.7124 * math.sqrt(60 * 1800**2)
    assert go_round(START, stops[::-1]) == found


def test_nothing_one_and_the_same_place() -> None:
    assert go_round(START, []).legs == ()
    assert go_round(START, [stop("a", 0)]).metres == 0
    assert go_round(START, [stop("a", 5), stop("b", 5)]).metres == 5


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(MatchingError, match="bad_place"):
        go_round((math.nan, 0), [])
    with pytest.raises(MatchingError, match="bad_place a"):
        go_round(START, [Stop("a", 0, 91)])
    with pytest.raises(MatchingError, match="same_key"):
        go_round(START, [stop("a", 0), stop("a", 1)])
    with pytest.raises(MatchingError, match="too_many"):
        go_round(START, some(1, 61))
