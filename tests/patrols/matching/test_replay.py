"""Replaying policies: days small enough to be worked out by hand, and what chance may and may not change."""

import math

import pytest

from patrols.matching import MatchingError
from patrols.matching.replay import Habits, Incident, Place, Policy, asked_at, compare, quantile, simulate
from tests.patrols.matching.towns import METRE

SURE = Habits(accepts=1.0, answer=0.0, speed=1.0, busy=100.0)


def incident(key: str, at: float, east: float, limit: float = 600.0) -> Incident:
    return Incident(key, at, east * METRE, 0.0, limit)


def place(east: float) -> Place:
    return Place(east * METRE, 0.0)


def seconds(*answer: float) -> list[object]:
    return [pytest.approx(one, abs=0.01) for one in answer]


def test_whoever_is_nearest_and_sure_walks_there() -> None:
    run = simulate([incident("a", 0, 0)], [place(300), place(120)], Policy(waves=(1,)), SURE, seed=1)
    assert list(run.seconds) == seconds(120)
    assert run.asked == 1


def test_nobody_is_asked_outside_of_the_hours_they_gave_or_in_their_quiet_hours() -> None:
    """It is Monday, 22:00. The nearest has quiet hours until six, the second gave Tuesday morning, the third nothing.

    A hazard does not wait for the end of quiet hours, but for the hours that somebody gave.
    """
    quiet = Place(10 * METRE, 0.0, quiet=(21 * 60, 6 * 60))
    morning = Place(20 * METRE, 0.0, hours=((33 * 60, 36 * 60),))
    anybody = place(300)
    late = Incident("a", 0, 0.0, 0.0, 600.0, week=22 * 60)
    hazard = Incident("a", 0, 0.0, 0.0, 600.0, week=22 * 60, hazard=True)
    one = Policy(waves=(1,))

    def first(day: Incident, *places: Place) -> float:
        return simulate([day], places, one, SURE, seed=1).seconds[0]

    assert first(late, quiet, morning, anybody) == pytest.approx(300, abs=0.01)
    assert first(hazard, quiet, morning, anybody) == pytest.approx(10, abs=0.01)
    assert first(hazard, morning) == math.inf
    assert [asked_at(quiet, late, minutes * 60) for minutes in (0, 479, 480, 481)] == [False, False, True, True]
    assert [asked_at(morning, late, hours * 3600) for hours in (10.9, 11, 13.9, 14, 11 + 7 * 24)] == [
        *(False, True, True, False, True)
    ]
    by_day = Place(0.0, 0.0, quiet=(12 * 60, 14 * 60))
    assert [asked_at(by_day, late, hours * 3600) for hours in (0, 14, 15.9, 16)] == [True, False, False, True]


def test_who_is_busy_is_passed_over_and_free_again_later() -> None:
    """One at 0 m, one at 50 m. The first takes a at once and is busy until 100; b at 10 goes to the second.

    c at 60 finds both busy (the second until 10 + 50 + 100); d at 200 finds the first free.
    """
    day = [incident("a", 0, 0), incident("b", 10, 0), incident("c", 60, 0), incident("d", 200, 0)]
    run = simulate(day, [place(0), place(50)], Policy(waves=(1,)), SURE, seed=1)
    assert list(run.seconds) == seconds(0, 50, math.inf, 0)


def test_a_second_wave_comes_after_the_delay_and_asks_others() -> None:
    """Nobody but the third in the row is within reach of the second wave: 120 s of delay and 30 m to walk."""
    day = [incident("first", 0, 0), incident("second", 1, 0)]
    run = simulate(day, [place(10), place(30)], Policy(waves=(1, 1), delay=120.0), SURE, seed=1)
    # The second asks whoever is free at once: the one at 30 m.
    assert list(run.seconds) == seconds(10, 30)
    alone = simulate(day, [place(10)], Policy(waves=(1, 1), delay=120.0), SURE, seed=1)
    assert list(alone.seconds) == seconds(10, math.inf)  # who was passed over is not asked again


def test_nobody_comes_where_nobody_accepts_or_nobody_is_within_reach() -> None:
    never = Habits(accepts=0.0, answer=0.0)
    assert simulate([incident("a", 0, 0)], [place(1)], Policy(), never, seed=1).seconds == (math.inf,)
    far = Habits(accepts=1.0, answer=0.0, reach=100.0)
    assert simulate([incident("a", 0, 0)], [place(101)], Policy(), far, seed=1).seconds == (math.inf,)
    assert simulate([incident("a", 0, 0)], [], Policy(), SURE, seed=1).asked == 0


def test_an_offer_that_stands_too_short_is_not_accepted() -> None:
    """With a mean of 100 s to answer, 1 - e^-1 = 63.2 % answer within 100 s."""
    slow = Habits(accepts=1.0, answer=100.0, speed=1e9, busy=0.0)
    day = [incident(str(number), number * 1e4, 0) for number in range(2_000)]
    run = simulate(day, [place(0)], Policy(waves=(1,), stands=100.0), slow, seed=3)
    assert sum(map(math.isfinite, run.seconds)) / 2_000 == pytest.approx(1 - math.exp(-1), abs=0.03)
    assert max(filter(math.isfinite, run.seconds)) <= 100.01


def test_the_share_of_those_who_accept_is_the_probability() -> None:
    """Of three asked at once with one half each, somebody accepts in 1 - 1/8 of all cases."""
    half = Habits(accepts=0.5, answer=0.0, busy=0.0)
    day = [incident(str(number), number * 1e4, 0) for number in range(2_000)]
    run = simulate(day, [place(0), place(1), place(2)], Policy(waves=(3,)), half, seed=4)
    assert sum(map(math.isfinite, run.seconds)) / 2_000 == pytest.approx(7 / 8, abs=0.02)


def test_the_same_seed_gives_the_same_and_the_order_does_not_matter() -> None:
    day = [incident(str(number), number * 50, number * 7 % 500) for number in range(60)]
    places = [place(number * 13 % 600) for number in range(20)]
    habits = Habits(accepts=0.4, answer=120.0)
    one = compare(day, places, [Policy(), Policy(delay=60.0)], habits, range(5))
    assert compare(day[::-1], places, [Policy(), Policy(delay=60.0)], habits, range(5)) == one
    assert compare(day, places, [Policy()], habits, range(5, 10))[0] != one[0]


def test_more_volunteers_and_shorter_delays_are_never_worse_on_average() -> None:
    day = [incident(str(number), number * 200, number * 37 % 900) for number in range(200)]
    places = [place(number * 31 % 1000) for number in range(40)]
    habits = Habits(accepts=0.3, answer=180.0)
    (few, _), (many, _), (quick, _) = compare(
        day, places, [Policy(share=0.25), Policy(), Policy(delay=30.0)], habits, range(10)
    )
    assert few.within.mean is not None
    assert many.within.mean is not None
    assert quick.within.mean is not None
    assert few.within.mean < many.within.mean <= quick.within.mean
    assert few.within.low is not None
    assert few.within.high is not None
    assert few.within.low <= few.within.mean <= few.within.high


def test_figures_of_a_day_by_hand() -> None:
    """Ten incidents, everybody at once beside them but two without anybody: 8 of 10 at 0 s; the ninetieth is nobody."""
    far = [incident(f"far{number}", 0, 9_000) for number in range(2)]
    near = [incident(f"near{number}", number * 1_000, 0, limit=5) for number in range(8)]
    [(found, pooled)] = compare([*far, *near], [place(0)], [Policy(waves=(1,))], SURE, [1])
    assert found.median.mean == pytest.approx(0, abs=0.01)
    assert found.ninetieth.mean is None
    assert found.within.mean == pytest.approx(0.8)
    assert found.nobody.mean == pytest.approx(0.2)
    assert found.asked.mean == pytest.approx(0.8)
    assert len(pooled) == 10
    assert quantile([3, 1, 2, 4], 0.5) == 2
    assert quantile([], 0.5) == math.inf


def test_what_cannot_be_is_refused() -> None:
    for policy in (Policy(waves=()), Policy(waves=(0,)), Policy(delay=-1.0), Policy(share=9.0)):
        with pytest.raises(MatchingError, match="bad_policy"):
            simulate([], [], policy, SURE, 1)
    with pytest.raises(MatchingError, match="bad_place x"):
        simulate([Incident("x", 0, math.nan, 0, 1)], [], Policy(), SURE, 1)
    with pytest.raises(MatchingError, match="too_many"):
        compare([incident(str(number), 0, 0) for number in range(3_001)], [], [Policy()], SURE, [1])
