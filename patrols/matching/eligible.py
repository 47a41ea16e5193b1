"""Who could go to each case, and what else decides why nobody goes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrols.matching.distances import chords, chords_of, metres_of, unit_vectors
from patrols.matching.problem import Case, Reason, Volunteer

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NOBODY = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Eligible:
    """Those who could go to a case, nearest first, by their number; `metres` are whole.

    Of many only as many of the nearest as are enough. `reason` says why there is nobody, as far as it does not hang on
    where the others are sent.
    """

    numbers: Ints
    metres: Ints
    reason: Reason
    nearest: int | None


def eligible(cases: list[Case], volunteers: list[Volunteer]) -> Iterator[Eligible]:
    """Yield for each case who could go to it. Both are in the order of their keys."""
    vectors = unit_vectors([one.lon for one in volunteers], [one.lat for one in volunteers])
    places = unit_vectors([case.lon for case in cases], [case.lat for case in cases])
    radius = np.array([one.radius for one in volunteers], float)
    within = chords_of(radius + 1)  # a metre more, since what is compared in the end are whole metres
    capacity = np.array([min(one.capacity, len(cases)) for one in volunteers], np.int64)
    free = np.array([one.available for one in volunteers], bool) & (capacity > 0)
    numbers = {one.key: number for number, one in enumerate(volunteers)}
    wanted = sum(case.places for case in cases)
    skilled: dict[frozenset[str], Flags] = {}
    for case, place in zip(cases, places, strict=True):
        if case.only_body:
            yield Eligible(NOBODY, NOBODY, Reason.BODY, None)
            continue
        if case.needs not in skilled:
            skilled[case.needs] = np.array([case.needs <= one.skills for one in volunteers], bool)
        squares = chords(place, vectors)
        near = np.flatnonzero(squares <= within)
        metres = np.rint(metres_of(squares[near])).astype(np.int64)
        near, metres = (each[metres <= radius[near]] for each in (near, metres))
        able = skilled[case.needs] & free
        without = [numbers[key] for key in case.without if key in numbers]
        if without:
            able[without] = False
        could = able[near]
        enough = wanted + (case.places - 1) * int(capacity.max(initial=0))
        chosen, ways = _nearest(near[could], metres[could], capacity, enough)
        nearest = round(float(metres_of(squares[able].min()))) if able.any() else None
        yield Eligible(chosen, ways, _reason(near, skilled[case.needs], could), nearest)


def _nearest(numbers: Ints, metres: Ints, capacity: Ints, enough: int) -> tuple[Ints, Ints]:
    """Return so many of the nearest that an optimum needs nobody else.

    If those who are kept can take more than all other places together, and that without whom the case has already, then
    somebody farther can always be exchanged for one of them who is free, at no greater cost.
    """
    if len(numbers) > enough:
        close = metres <= np.partition(metres, enough)[enough]
        numbers, metres = numbers[close], metres[close]
    order = np.argsort(metres, kind="stable")
    can_take = np.cumsum(capacity[numbers[order]])
    kept = order[: int(np.searchsorted(can_take, enough)) + 1]
    return numbers[kept], metres[kept]


def _reason(near: Ints, skilled: Flags, could: Flags) -> Reason:
    if not len(near):
        return Reason.NOBODY_NEAR
    if not skilled[near].any():
        return Reason.NO_SKILL
    return Reason.ALL_TAKEN if could.any() else Reason.NOBODY_FREE
