"""Which days a weekly pattern falls on: arithmetic on days, without a database."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta

from grids.worktime import weekday_works

WEEK = frozenset({1, 2, 3, 4, 5})


def days_of(
    weekdays: Collection[int], first: date, last: date, works: Callable[[date], bool] | None = None
) -> Iterator[date]:
    """Yield the days from `first` to `last`, both included, that fall on weekdays (Monday is 1).

    With `works`, which says whether a day is worked, days off are left out; a pattern that holds from Monday to Friday
    then also holds on a weekend's day that is worked instead (调休).
    """
    whole_week = set(weekdays) >= WEEK
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        chosen = day.isoweekday() in weekdays
        if works is None:
            wanted = chosen
        elif chosen:
            # Saturday and Sunday are off anyway: who chose them means them.
            wanted = works(day) or not weekday_works(day)
        else:
            wanted = whole_week and works(day)
        if wanted:
            yield day
