"""Matching: the optimum by hand and against a linear programme, its limits, its reasons, and what it refuses."""

import math
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from patrols.matching import Case, MatchingError, Pair, Reason, Unserved, Volunteer, greedy, match
from tests.patrols.matching.linear import optimum
from tests.patrols.matching.towns import case, town, volunteer


def test_all_at_once_is_shorter_than_one_after_the_other() -> None:
    """One after the other sends 1 to a, who stands between both, and 2 all the way to b.

    metres  0     100    200         700
            b      1      a           2
    """
    cases = [case("a", 200), case("b", 0)]
    people = [volunteer(1, 100), volunteer(2, 700)]
    assert match(cases, people).pairs == (Pair("a", 2, 500), Pair("b", 1, 100))
    assert match(cases, people).cost == 600
    assert greedy(cases, people).pairs == (Pair("a", 1, 100), Pair("b", 2, 700))
    assert greedy(cases, people).cost == 800


def test_as_much_as_possible_is_served_before_ways_are_short() -> None:
    """Only 1 reaches b: so 1 goes there, though a is next door."""
    cases = [case("a", 0), case("b", 900)]
    people = [volunteer(1, 10, radius=1000.0), volunteer(2, 950, radius=1000.0), volunteer(3, 5000, radius=10.0)]
    only_one = [people[0], replace(people[1], radius=20.0)]
    assert match(cases, people).pairs == (Pair("a", 1, 10), Pair("b", 2, 50))
    assert match(cases, only_one).served == 1
    cases = [case("a", 0), case("b", 900, needs=frozenset({"first-aid"}))]
    skilled = [replace(people[0], skills=frozenset({"first-aid"})), people[1]]
    assert match(cases, skilled).pairs == (Pair("a", 2, 950), Pair("b", 1, 890))


def test_what_is_more_urgent_is_served_first_when_somebody_is_missing() -> None:
    cases = [case("trifle", 10), case("urgent", 900, weight=5)]
    found = match(cases, [volunteer(1, 0)])
    assert found.pairs == (Pair("urgent", 1, 900),)
    assert found.unserved == (Unserved("trifle", 1, Reason.ALL_TAKEN, 10),)
    assert (found.served, found.cost) == (5, 4500)


def test_places_of_one_case_are_filled_by_different_people() -> None:
    cases = [case("a", 0, places=3)]
    found = match(cases, [volunteer(1, 10, capacity=9), volunteer(2, 500, capacity=9)])
    assert found.pairs == (Pair("a", 1, 10), Pair("a", 2, 500))
    assert found.unserved == (Unserved("a", 1, Reason.ALL_TAKEN, 10),)


@pytest.mark.parametrize(
    ("more", "people", "reason", "nearest"),
    [
        ({"only_body": True}, [volunteer(1, 0)], Reason.BODY, None),
        ({}, [], Reason.NOBODY_NEAR, None),
        ({}, [volunteer(1, 900, radius=899.0)], Reason.NOBODY_NEAR, 900),
        ({"needs": frozenset({"x"})}, [volunteer(1, 5)], Reason.NO_SKILL, None),
        (
            {"needs": frozenset({"x"})},
            [volunteer(1, 5), volunteer(2, 4000, skills=frozenset("x"))],
            Reason.NO_SKILL,
            4000,
        ),
        ({}, [volunteer(1, 5, available=False)], Reason.NOBODY_FREE, None),
        ({}, [volunteer(1, 5, capacity=0)], Reason.NOBODY_FREE, None),
        ({"without": frozenset({1})}, [volunteer(1, 5), volunteer(2, 8000)], Reason.NOBODY_FREE, 8000),
    ],
)
def test_who_is_left_without_anybody_is_told_why(
    more: dict[str, Any], people: list[Volunteer], reason: Reason, nearest: int | None
) -> None:
    found = match([case("a", 0, **more)], people)
    assert found.pairs == ()
    assert found.unserved == (Unserved("a", 1, reason, nearest),)


@pytest.mark.parametrize("seed", range(150))
def test_no_linear_programme_finds_anything_better(seed: int) -> None:
    cases, people = town(seed)
    found = match(cases, people)
    assert (found.served, found.cost) == optimum(cases, people)
    assert len(found.pairs) == optimum([replace(one, weight=1) for one in cases], people)[0]
    one_by_one = greedy(cases, people)
    assert (found.served, -found.cost) >= (one_by_one.served, -one_by_one.cost)
    for answer in (found, one_by_one):
        holds(answer.pairs, cases, people)
        missing = Counter(pair.case for pair in answer.pairs)
        missing.update({row.case: row.places for row in answer.unserved})
        assert missing == {one.key: one.places for one in cases}


def holds(pairs: tuple[Pair, ...], cases: list[Case], people: list[Volunteer]) -> None:
    """Every pair is allowed, nobody goes to more than they take, nobody twice to the same."""
    asked, known = {one.key: one for one in cases}, {one.key: one for one in people}
    assert len({(pair.case, pair.volunteer) for pair in pairs}) == len(pairs)
    for pair in pairs:
        wanted, one = asked[pair.case], known[pair.volunteer]
        assert wanted.needs <= one.skills
        assert not wanted.only_body
        assert one.key not in wanted.without
        assert one.available
        assert pair.metres <= one.radius
    for key, many in Counter(pair.volunteer for pair in pairs).items():
        assert many <= known[key].capacity


def test_leaving_out_who_is_too_far_to_matter_changes_nothing() -> None:
    """Two cases and sixty people, so that most are left out of the flow."""
    people = [volunteer(key, 13 * key % 1000, 7 * key % 900, capacity=1 + key % 3) for key in range(60)]
    cases = [case("a", 500, 400, places=3, weight=2), case("b", 510, 400, places=2)]
    found = match(cases, people)
    assert (found.served, found.cost) == optimum(cases, people)


def test_the_answer_does_not_hang_on_the_order_in_which_things_are_given() -> None:
    cases, people = town(7)
    assert cases
    first = match(cases, people)
    chance = random.Random(1)
    for _again in range(5):
        chance.shuffle(cases)
        chance.shuffle(people)
        assert match(cases, people) == first


def test_nothing_and_everybody_in_one_place() -> None:
    assert match([], []).pairs == ()
    assert match([], [volunteer(1, 0)]).unserved == ()
    found = match([case(f"{number:02}", 5) for number in range(30)], [volunteer(key, 5) for key in range(20)])
    assert len(found.pairs) == 20
    assert len(found.unserved) == 10
    assert found.cost == 0


def test_metres_are_those_of_the_sphere() -> None:
    """A degree of latitude is 111.195 km on the mean sphere, one of longitude at 60° north half of it."""
    far = replace(volunteer(1, 0), lon=10.0, lat=61.0, radius=100_000.0)
    north = match([Case("a", 10.0, 60.5)], [far]).pairs[0].metres
    east = match([Case("a", 11.0, 60.0)], [replace(far, lat=60.0)]).pairs[0].metres
    assert north == round(math.radians(0.5) * 6_371_008.8)
    assert east == pytest.approx(55_597, abs=5)
    over_the_date_line = match([Case("a", -179.9, 0.0)], [replace(far, lon=179.9, lat=0.0)]).pairs[0].metres
    assert over_the_date_line == round(math.radians(0.2) * 6_371_008.8)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"lon": math.nan}, "bad_place"),
        ({"lon": math.inf}, "bad_place"),
        ({"lat": 90.1}, "bad_place"),
        ({"lon": 1e300}, "bad_place"),
        ({"lon": -180.5}, "bad_place"),
        ({"lat": "40"}, "bad_place"),
        ({"lat": None}, "bad_place"),
        ({"weight": 0}, "bad_weight"),
        ({"weight": 101}, "bad_weight"),
        ({"weight": 1.5}, "bad_weight"),
        ({"places": 0}, "bad_places"),
        ({"places": 21}, "bad_places"),
    ],
)
def test_cases_that_cannot_be_are_refused(bad: dict[str, Any], code: str) -> None:
    with pytest.raises(MatchingError) as raised:
        match([case("fine", 0), replace(case("bad", 0), **bad)], [volunteer(1, 0)])
    assert (raised.value.code, raised.value.key) == (code, "bad")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"lat": math.nan}, "bad_place"),
        ({"lon": True}, "bad_place"),
        ({"capacity": -1}, "bad_capacity"),
        ({"capacity": True}, "bad_capacity"),
        ({"radius": -1.0}, "bad_radius"),
        ({"radius": math.inf}, "bad_radius"),
        ({"radius": 1e6}, "bad_radius"),
    ],
)
def test_volunteers_that_cannot_be_are_refused(bad: dict[str, Any], code: str) -> None:
    with pytest.raises(MatchingError) as raised:
        match([case("a", 0)], [replace(volunteer(1, 0), **bad)])
    assert (raised.value.code, raised.value.key) == (code, 1)


def test_doubles_and_too_many_are_refused() -> None:
    with pytest.raises(MatchingError, match="same_key a"):
        match([case("a", 0), case("a", 5)], [])
    with pytest.raises(MatchingError, match="same_key 1"):
        match([], [volunteer(1, 0), volunteer(1, 5)])
    with pytest.raises(MatchingError, match="too_many"):
        match([case(str(number), 0) for number in range(5_001)], [])
