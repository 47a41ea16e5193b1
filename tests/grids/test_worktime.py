"""Working time: hours of the day, weekends, holidays and make-up days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grids.worktime import add_working_time, weekday_works, working_time, working_time_before

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (moment(2, 9), 2, moment(2, 11)),
        (moment(2, 11), 2, moment(2, 15)),  # over lunch
        (moment(2, 17), 2, moment(3, 10)),  # over night
        (moment(6, 17), 2, moment(9, 10)),  # Friday to Monday
        (moment(7, 12), 1, moment(9, 10)),  # begun on a Saturday
        (moment(2, 3), 0, moment(2, 9)),  # nothing to wait for but the morning
        (moment(2, 18), 7, moment(3, 18)),  # exactly one worked day
    ],
)
def test_working_time_is_added(start: datetime, hours: int, end: datetime) -> None:
    assert add_working_time(start, timedelta(hours=hours), weekday_works, SHANGHAI) == end


def test_holidays_stand_still_and_make_up_days_count() -> None:
    """National Day 2026: 1 to 7 October off; Saturday 10 October is worked instead."""
    off = {date(2026, 10, day) for day in range(1, 8)}
    extra = {date(2026, 10, 10)}

    def works(day: date) -> bool:
        return day in extra or (day not in off and weekday_works(day))

    end = add_working_time(moment(30, 17, month=9), timedelta(hours=16), works, SHANGHAI)
    assert end == moment(10, 10, month=10)


def test_adding_and_measuring_agree() -> None:
    start = moment(2, 10, 30)
    for minutes in range(0, 3000, 77):
        span = timedelta(minutes=minutes)
        end = add_working_time(start, span, weekday_works, SHANGHAI)
        assert working_time(start, end, weekday_works, SHANGHAI) == span


def test_time_backwards_is_none() -> None:
    assert working_time(moment(3, 9), moment(2, 9), weekday_works, SHANGHAI) == timedelta()


def test_a_calendar_without_worked_days_is_an_error() -> None:
    with pytest.raises(ValueError, match="worked day"):
        add_working_time(moment(2, 9), timedelta(hours=1), lambda _day: False, SHANGHAI)


def test_counting_back_and_adding_agree() -> None:
    """What is left from the moment found until the end is the span, wherever that end lies."""
    for end in (moment(9, 9, 30), moment(9, 12), moment(9, 13), moment(9, 18), moment(9, 23)):
        for minutes in range(1, 3000, 77):
            span = timedelta(minutes=minutes)
            start = working_time_before(end, span, weekday_works, SHANGHAI)
            assert working_time(start, end, weekday_works, SHANGHAI) == span


def test_counting_back_over_a_whole_session_ends_at_its_beginning() -> None:
    assert working_time_before(moment(2, 18), timedelta(hours=4), weekday_works, SHANGHAI) == moment(2, 14)
    assert working_time_before(moment(2, 18), timedelta(hours=5), weekday_works, SHANGHAI) == moment(2, 11)
