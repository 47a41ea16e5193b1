"""Matching a thousand cases to ten thousand volunteers: how long the optimum takes, that it is one, what greedy costs.

`python -m tests.bench.matching` runs it alone, without a database.
"""

import random
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from patrols.matching import Case, Matching, Volunteer, greedy, match
from tests.bench.measure import Row
from tests.patrols.matching.linear import optimum

if TYPE_CHECKING:
    from tests.bench.rows import Bench

CASES, VOLUNTEERS, SCARCE = 1_000, 10_000, 400
NORTH, EAST = 1 / 111_195, 1 / 84_180  # degrees of a metre at 40.8° north
SKILLS = ("first-aid", "electrician", "dialect", "heavy")


def matching(_bench: "Bench | None" = None) -> Iterator[Row]:
    """Many volunteers and few, a radius of three kilometres and one over the whole city."""
    for name, people, radius in (
        ("10,000 volunteers, 3 km", VOLUNTEERS, 3_000.0),
        ("10,000 volunteers, the whole city", VOLUNTEERS, 30_000.0),
        ("400 volunteers, 3 km", SCARCE, 3_000.0),
    ):
        cases, volunteers = city(people, radius)
        times = []
        for _turn in range(5):
            began = time.process_time()
            best = match(cases, volunteers)
            times.append(time.process_time() - began)
        other = greedy(cases, volunteers)
        measured, figure = against(best, other, sum(case.weight * case.places for case in cases))
        yield Row(f"1,000 cases, {name}: optimum", median(times), 2.0, f"{_said(best)}; median CPU of 5", "s")
        yield Row(f"1,000 cases, {name}: {measured}", figure, 1.0, f"one by one: {_said(other)}")
    # The programme takes minutes with every edge of the widest radius: the same city, within 900 m.
    cases, volunteers = city(VOLUNTEERS, 900.0)
    best = match(cases, volunteers)
    served, cost = optimum(cases, volunteers)
    off = abs(best.served - served) + abs(best.cost - cost)
    yield Row("1,000 cases, 10,000 volunteers, 900 m: off the LP", off, 0, f"{_said(best)}; HiGHS: {cost:,}", "m")


def city(people: int, radius: float) -> tuple[list[Case], list[Volunteer]]:
    """Return a seeded city of 20 km: cases and volunteers cluster around a centre, cases also in a few hot places."""
    chance = random.Random(2026)
    hot = [(chance.gauss(0, 4_000), chance.gauss(0, 4_000)) for _place in range(12)]

    def at(spread: float, around: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
        east, north = around[0] + chance.gauss(0, spread), around[1] + chance.gauss(0, spread)
        return 111.67 + east * EAST, 40.82 + north * NORTH

    cases = [
        Case(
            f"{number:04}",
            *(at(300, chance.choice(hot)) if number % 3 == 0 else at(5_000)),
            weight=chance.choice((1, 1, 2, 3, 5)),
            places=chance.choice((1, 1, 1, 1, 2)),
            needs=frozenset({chance.choice(SKILLS)}) if number % 4 == 0 else frozenset(),
        )
        for number in range(CASES)
    ]
    volunteers = [
        Volunteer(
            number,
            *at(5_000),
            capacity=chance.randint(1, 3),
            radius=radius,
            skills=frozenset(skill for skill in SKILLS if chance.random() < 0.3),
            available=chance.random() < 0.9,
        )
        for number in range(people)
    ]
    return cases, volunteers


def against(best: Matching, other: Matching, wanted: int) -> tuple[str, float]:
    """Return what part of one by one's unserved weight the optimum leaves, or of its ways where both serve as much."""
    if best.served != other.served:
        return "unserved, against one by one", (wanted - best.served) / (wanted - other.served)
    return "ways, against one by one", best.cost / other.cost


def _said(found: Matching) -> str:
    missing = sum(row.places for row in found.unserved)
    return f"weight served {found.served:,}, weight × metres {found.cost:,}, {missing:,} places left"


if __name__ == "__main__":
    for row in matching():
        print(row, flush=True)
