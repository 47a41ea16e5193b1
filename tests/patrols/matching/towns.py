"""Little towns for matching: a plane of metres around a corner, near enough to the equator to be square."""

import random
from typing import Any

from patrols.matching import Case, Volunteer
from patrols.matching.distances import RADIUS

METRE = 57.29577951308232 / RADIUS  # in degrees, at the equator


def case(key: str, east: float, north: float = 0, **more: Any) -> Case:
    """Return a case so many metres from the corner."""
    return Case(key, east * METRE, north * METRE, **more)


def volunteer(key: int, east: float, north: float = 0, **more: Any) -> Volunteer:
    """Return a volunteer so many metres from the corner."""
    return Volunteer(key, east * METRE, north * METRE, **more)


def town(seed: int) -> tuple[list[Case], list[Volunteer]]:
    """Return a random small town: on a coarse lattice, so that distances tie and places coincide."""
    chance = random.Random(seed)
    step = chance.choice([1, 100, 400])

    def at() -> tuple[float, float]:
        return (step * chance.randint(0, 2000 // step), step * chance.randint(0, 2000 // step))

    def some(share: float) -> frozenset[str]:
        return frozenset(skill for skill in "abc" if chance.random() < share)

    many, scarce = chance.randint(0, 9), chance.random()
    people = [
        volunteer(
            key,
            *at(),
            capacity=chance.choice([0, 1, 1, 2, 3]),
            radius=float(chance.choice([300, 900, 3000])),
            skills=some(0.5),
            available=chance.random() < 0.9,
        )
        for key in range(round(many * 3 * scarce))
    ]
    without = frozenset(key for key in range(4) if chance.random() < 0.1)
    cases = [
        case(
            f"case {number}",
            *at(),
            weight=chance.choice([1, 1, 2, 5, 100]),
            places=chance.choice([1, 1, 1, 2, 3]),
            needs=some(0.2),
            only_body=chance.random() < 0.1,
            without=without,
        )
        for number in range(many)
    ]
    return cases, people
