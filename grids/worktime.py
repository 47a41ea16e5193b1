"""Working time: pure arithmetic over a calendar of worked days.

A worked day has the hours 9:00-12:00 and 14:00-18:00 local time (`HOURS`), seven hours in all.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo

HOURS = ((time(9), time(12)), (time(14), time(18)))
_FAR = 3660  # days looked ahead before giving up: a calendar without a single worked day in ten years is a mistake


def add_working_time(start: datetime, span: timedelta, works: Callable[[date], bool], zone: tzinfo) -> datetime:
    """Return the moment when a span of working time has passed since an aware start.

    `works` says of a local date whether it is worked. Raises ValueError if the calendar has no worked day ahead.
    """
    left = span
    local = start.astimezone(zone)
    for offset in range(_FAR):
        day = local.date() + timedelta(days=offset)
        if not works(day):
            continue
        for opens, closes in HOURS:
            begin = max(datetime.combine(day, opens, zone), local)
            end = datetime.combine(day, closes, zone)
            if begin >= end:
                continue
            if left <= end - begin:
                return (begin + left).astimezone(start.tzinfo)
            left -= end - begin
    message = "the working calendar has no worked day ahead"
    raise ValueError(message)


def working_time_before(end: datetime, span: timedelta, works: Callable[[date], bool], zone: tzinfo) -> datetime:
    """Return the moment from which a span of working time is left until an aware end.

    It lies within hours, at their beginning at the earliest. Raises ValueError if the calendar has no worked day
    before.
    """
    left = span
    local = end.astimezone(zone)
    for offset in range(_FAR):
        day = local.date() - timedelta(days=offset)
        if not works(day):
            continue
        for opens, closes in reversed(HOURS):
            begin = datetime.combine(day, opens, zone)
            finish = min(datetime.combine(day, closes, zone), local)
            if begin >= finish:
                continue
            if left < finish - begin:
                return (finish - left).astimezone(end.tzinfo)
            left -= finish - begin
            if not left:
                return begin.astimezone(end.tzinfo)
    message = "the working calendar has no worked day before"
    raise ValueError(message)


def working_time(start: datetime, end: datetime, works: Callable[[date], bool], zone: tzinfo) -> timedelta:
    """Return the working time between two aware moments; nothing when the end is not after the start."""
    begin, finish = start.astimezone(zone), end.astimezone(zone)
    total = timedelta()
    for offset in range((finish.date() - begin.date()).days + 1):
        day = begin.date() + timedelta(days=offset)
        if not works(day):
            continue
        for opens, closes in HOURS:
            low = max(datetime.combine(day, opens, zone), begin)
            high = min(datetime.combine(day, closes, zone), finish)
            total += max(high - low, timedelta())
    return total


def weekday_works(day: date) -> bool:
    """Whether a day is worked when nothing better is known: Monday to Friday."""
    return day.weekday() < 5
