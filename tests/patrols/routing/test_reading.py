"""A rule in plain words, and which rules an earlier one leaves nothing to."""

from datetime import date, time
from typing import Any

import pytest
from django.utils import translation

from patrols.models import RoutingRule
from patrols.routing.reading import Names, sentence, shadows

NAMES = Names({"a": "Litter", "b": "Parking", "c": "Manhole"}, {"g": "Streets"}, {"g": frozenset({"a", "b"})})
DAY: dict[str, Any] = {"time": "weekly", "weekdays": [1, 2, 3, 4, 5, 6, 7], "starts": time(8), "ends": time(20)}
SINCE: dict[str, Any] = {"time": "dates", "first_day": date(2026, 1, 1)}
NIGHT: dict[str, Any] = {**DAY, "starts": time(20), "ends": time(8)}


def rules(*given: dict[str, Any]) -> list[RoutingRule]:
    return [RoutingRule(position=number, **{"target": "body", **one}) for number, one in enumerate(given, 1)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Every problem: to the body of this kind whose jurisdiction holds there."),
        (
            {"groups": ["g"], "categories": ["c"], "target": "owner", "time": "working"},
            "All of “Streets”, Manhole, in working time: to the owner of the grid, or its deputy.",
        ),
        (
            {"categories": ["a"], "time": "weekly", "weekdays": [1, 2, 3, 4, 5], "starts": time(22), "ends": time(6),
             "place": "jurisdiction", "automatic": True},
            "Litter, where its jurisdiction holds, Mon to Fri 22:00–06:00 of the next day: to the body of this kind"
            " whose jurisdiction holds there, by itself once accepted.",
        ),
        (
            {"categories": ["a"], "time": "dates", "first_day": date(2026, 11, 1), "last_day": date(2026, 11, 9),
             "approval": True},
            "Litter, from 2026-11-01 to 2026-11-09: to the body of this kind whose jurisdiction holds there, after"
            " approval by another.",
        ),
    ],
)  # fmt: skip
def test_a_rule_reads_as_somebody_would_say_it(given: dict[str, Any], words: str) -> None:
    with translation.override("en"):
        assert sentence(rules(given)[0], NAMES) == words


@pytest.mark.parametrize(
    ("given", "by", "never"),
    [
        ([{}, {"categories": ["a"]}], (1,), True),
        ([{"groups": ["g"]}, {"categories": ["a"], "target": "owner"}], (1,), False),
        ([{"categories": ["a"]}, {"categories": ["b"]}, {"groups": ["g"]}], (1, 2), True),
        ([DAY, NIGHT, {}], (1, 2), True),
        ([{"time": "working"}, {"time": "outside"}, SINCE], (1, 2), True),
        (
            [{"time": "dates", "first_day": date(2026, 1, 1)}, {"time": "dates", "last_day": date(2026, 2, 1)}],
            (),
            False,
        ),
        ([DAY, {}], (), False),
        ([{"active": False}, {}], (), False),
        ([{"place": "zone", "zone_id": 1}, {}], (), False),
        ([{}, {"place": "zone", "zone_id": 1}], (1,), True),
        ([{"categories": ["a"]}, {"groups": ["g"]}], (), False),
    ],
)
def test_a_rule_that_earlier_ones_leave_nothing_to_is_found(
    given: list[dict[str, Any]], by: tuple[int, ...], never: bool
) -> None:
    found = shadows(rules(*given), NAMES)
    if not by:
        assert found == {}
    else:
        assert (found[len(given)].by, found[len(given)].never) == (by, never)


def test_a_rule_for_categories_that_are_no_longer_in_use_never_comes_into_play() -> None:
    assert shadows(rules({"categories": ["z"]}), NAMES)[1].never
