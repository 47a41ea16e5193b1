"""Who is sent where, in what order somebody goes round, and what another policy would have done. Pure: no Django.

`match(cases, volunteers)` answers with the best `Matching` of all at once. NumPy, OR-Tools and what they bring along
are imported when first needed, so that importing this package costs a web process nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from patrols.matching.problem import (
    MOST_CASES,
    MOST_VOLUNTEERS,
    WIDEST,
    Case,
    Matching,
    MatchingError,
    Pair,
    Reason,
    Unserved,
    Volunteer,
)

__all__ = [
    "MOST_CASES",
    "MOST_VOLUNTEERS",
    "WIDEST",
    "Case",
    "Matching",
    "MatchingError",
    "Pair",
    "Reason",
    "Unserved",
    "Volunteer",
    "greedy",
    "match",
]


def match(cases: Iterable[Case], volunteers: Iterable[Volunteer]) -> Matching:
    """Return the best matching of all cases at once; raises MatchingError for what cannot be one.

    First as much as possible is served, by weight; among all that serve as much, the total of weight times metres is
    the least there is. The answer depends on what is given, not on its order.
    """
    from patrols.matching.optimum import match as at_once

    return at_once(cases, volunteers)


def greedy(cases: Iterable[Case], volunteers: Iterable[Volunteer]) -> Matching:
    """Return what sending one after the other comes to: the weightiest first, each to the nearest who is still free.

    The yardstick that the best is held against. Raises MatchingError as `match` does.
    """
    from patrols.matching.optimum import greedy as one_by_one

    return one_by_one(cases, volunteers)
