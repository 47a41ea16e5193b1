"""What matching is asked and what it answers. Places are WGS-84 in degrees, distances metres along the great circle."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

# With these limits the costs of the flow stay below 2^63 in the solver's own scaling.
MOST_CASES, MOST_VOLUNTEERS = 5_000, 20_000
MOST_PLACES, HEAVIEST, WIDEST = 20, 100, 100_000.0


class MatchingError(ValueError):
    """Something cannot be matched as it is: a code, and the key of the case or volunteer that it is about."""

    def __init__(self, code: str, key: str | int | None = None) -> None:
        super().__init__(code if key is None else f"{code} {key}")
        self.code, self.key = code, key


class Reason(StrEnum):
    """Why a case is left without somebody: the first of these that holds."""

    BODY = "body"  # only a body with powers may act on it
    NOBODY_NEAR = "nobody_near"  # nobody's radius reaches it
    NO_SKILL = "no_skill"  # nobody whose radius reaches it has the skills
    NOBODY_FREE = "nobody_free"  # those who could go are not to be asked now, or not for this one
    ALL_TAKEN = "all_taken"  # those who could go are sent to something else


@dataclass(frozen=True, slots=True)
class Case:
    """Something that wants people: where, how urgent (1 to 100), how many, with which skills, and who not."""

    key: str
    lon: float
    lat: float
    weight: int = 1
    places: int = 1
    needs: frozenset[str] = frozenset()
    only_body: bool = False
    without: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who could go: from where, to how many cases, how far in metres, with which skills, and whether now."""

    key: int
    lon: float
    lat: float
    capacity: int = 1
    radius: float = 3_000.0
    skills: frozenset[str] = frozenset()
    available: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """Somebody is sent to a case so many whole metres away."""

    case: str
    volunteer: int
    metres: int


@dataclass(frozen=True, slots=True)
class Unserved:
    """So many places of a case stay empty, and why.

    `nearest` is how many metres away the nearest is who has the skills and could be asked, however far; None if nobody.
    """

    case: str
    places: int
    reason: Reason
    nearest: int | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """Who goes where, by case and then by distance; `served` is weight, `cost` weight times metres."""

    pairs: tuple[Pair, ...]
    unserved: tuple[Unserved, ...]
    served: int
    cost: int


def checked(
    cases: Iterable[Case], volunteers: Iterable[Volunteer], most_cases: int = MOST_CASES
) -> tuple[list[Case], list[Volunteer]]:
    """Return both in the order of their keys; raises MatchingError for what cannot be matched."""
    asked = sorted(cases, key=lambda case: case.key)
    people = sorted(volunteers, key=lambda one: one.key)
    if len(asked) > most_cases or len(people) > MOST_VOLUNTEERS:
        raise MatchingError("too_many")
    _check_keys([case.key for case in asked])
    _check_keys([one.key for one in people])
    for case in asked:
        check_place(case.lon, case.lat, case.key)
        _check_whole(case.weight, 1, HEAVIEST, "bad_weight", case.key)
        _check_whole(case.places, 1, MOST_PLACES, "bad_places", case.key)
    for one in people:
        check_place(one.lon, one.lat, one.key)
        _check_whole(one.capacity, 0, MOST_CASES, "bad_capacity", one.key)
        if not _finite(one.radius) or not 0 <= one.radius <= WIDEST:
            raise MatchingError("bad_radius", one.key)
    return asked, people


def check_place(lon: float, lat: float, key: str | int | None = None) -> None:
    """Raise MatchingError unless both are finite degrees in range."""
    if not (_finite(lon) and _finite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise MatchingError("bad_place", key)


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_whole(value: object, least: int, most: int, code: str, key: str | int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise MatchingError(code, key)


def _check_keys(keys: Sequence[str | int]) -> None:
    for one, other in itertools.pairwise(keys):
        if one == other:
            raise MatchingError("same_key", one)
