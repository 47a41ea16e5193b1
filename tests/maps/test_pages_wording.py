"""Moments, spans and clocks in words."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from maps.pages.rows import pill_of
from maps.pages.wording import full_moment, long_span, moment, span

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 14, 30, tzinfo=SHANGHAI)  # a Saturday


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (at(2026, 11, 21, 0, 5), "today 00:05"),
        (at(2026, 11, 20, 23, 59), "yesterday 23:59"),
        (at(2026, 11, 18, 14, 5), "Wed 14:05"),
        (at(2026, 11, 15, 14, 5), "Sun 14:05"),
        (at(2026, 11, 14, 14, 5), "14 Nov"),
        (at(2025, 11, 3, 14, 5), "3 Nov 2025"),
    ],
)
def test_a_moment_is_said_as_people_say_it(when: datetime, words: str) -> None:
    assert moment(when, NOW) == words
    assert moment(when.astimezone(ZoneInfo("UTC")), NOW) == words


def test_a_history_keeps_the_clock_however_old() -> None:
    assert full_moment(at(2026, 11, 3, 14, 5), NOW) == "3 Nov 14:05"
    assert full_moment(at(2026, 11, 18, 14, 5), NOW) == "Wed 14:05"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=10), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=49), "2 days"),
        (timedelta(hours=-3), "3 hours"),
    ],
)
def test_a_span_in_a_pill_is_its_largest_unit(length: timedelta, words: str) -> None:
    assert span(length) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=10), "less than a minute"),
        (timedelta(minutes=70), "1 hour 10 min"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(days=1, hours=3, minutes=4), "1 day 3 hours"),
    ],
)
def test_a_long_span_has_two_units(length: timedelta, words: str) -> None:
    assert long_span(length) == words


def clock(started: timedelta, due: timedelta, *, at_risk: bool = False) -> dict[str, Any]:
    epoch = {"started": (NOW + started).timestamp(), "due": (NOW + due).timestamp(), "at_risk": at_risk}
    return {"hold_until": None, "clock": epoch}


def test_a_clock_turns_its_tone_towards_the_end() -> None:
    hour = timedelta(hours=1)
    assert pill_of(clock(-hour, 2 * hour), NOW) == {"text": "2 hours left", "tone": ""}
    assert pill_of(clock(-9 * hour, 2 * hour, at_risk=True), NOW) == {"text": "2 hours left", "tone": "warn"}
    assert pill_of(clock(-9 * hour, -hour), NOW) == {"text": "1 hour late", "tone": "bad"}


def test_what_is_parked_says_until_when_and_what_has_no_clock_nothing() -> None:
    none = {"started": None, "due": None}
    assert pill_of({"hold_until": "2026-12-01", "clock": none}, NOW) == {"text": "until 1 Dec", "tone": ""}
    assert pill_of({"hold_until": None, "clock": none}, NOW) is None
