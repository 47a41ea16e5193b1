"""Quiet hours by the clock on the wall, over midnight and at their edges."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from grids.quiet import attention_at, is_quiet

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = (time(22), time(7))
NOON = (time(12), time(14))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "clock", "quiet"),
    [
        (NIGHT, time(21, 59, 59), False),
        (NIGHT, time(22), True),
        (NIGHT, time(0), True),
        (NIGHT, time(6, 59, 59), True),
        (NIGHT, time(7), False),
        (NOON, time(11, 59), False),
        (NOON, time(12), True),
        (NOON, time(14), False),
        (NOON, time(0), False),
    ],
)
def test_the_first_minute_is_quiet_and_the_last_is_not(hours: tuple[time, time], clock: time, quiet: bool) -> None:
    assert is_quiet(clock, *hours) is quiet


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(3, 23, 30), at(4, 7)),  # before midnight: the next morning
        (at(4, 0, 0), at(4, 7)),  # midnight itself
        (at(4, 6, 59), at(4, 7)),
        (at(4, 7), at(4, 7)),
        (at(4, 12), at(4, 12)),
        (at(30, 22), datetime(2026, 12, 1, 7, tzinfo=SHANGHAI)),  # over the end of a month
    ],
)
def test_attention_waits_for_the_end_of_the_night(now: datetime, expected: datetime) -> None:
    assert attention_at(now, *NIGHT) == expected


def test_a_rest_at_noon_ends_the_same_day() -> None:
    assert attention_at(at(3, 13), *NOON) == at(3, 14)


def test_the_hours_are_those_of_the_site_s_time_zone_whatever_the_moment_s() -> None:
    utc = datetime(2026, 11, 3, 15, 30, tzinfo=ZoneInfo("UTC"))  # 23:30 in Shanghai
    assert attention_at(utc, *NIGHT) == at(4, 7)


def test_shanghai_keeps_its_clock_so_a_night_is_always_nine_hours() -> None:
    for month in range(1, 13):
        evening = datetime(2026, month, 28, 22, tzinfo=SHANGHAI)
        assert (attention_at(evening, *NIGHT) - evening).total_seconds() == 9 * 3600


@pytest.mark.parametrize("hours", [(None, None), (time(8), time(8))])
def test_without_hours_nothing_waits(hours: tuple[time | None, time | None]) -> None:
    now = at(3, 23)
    assert attention_at(now, *hours) == now
