"""How a task comes back: a small part of the recurrence rules of iCalendar (RFC 5545, 3.3.10), on days alone.

`FREQ=WEEKLY;BYDAY=MO,TH`, `FREQ=MONTHLY;BYMONTHDAY=19`, and `INTERVAL=3` with a month for every quarter. A day of the
month is 1 to 28, which every month has, or -1, its last.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from patrols.posts.recurrence import days_of

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKLY = re.compile(r"FREQ=WEEKLY;BYDAY=((?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:MO|TU|WE|TH|FR|SA|SU))*)")
MONTHLY = re.compile(r"FREQ=MONTHLY(?:;INTERVAL=(1?\d))?;BYMONTHDAY=(-1|1\d|2[0-8]|[1-9])")


@dataclass(frozen=True, slots=True)
class Rule:
    """Weekdays (Monday is 1), or a day of every so many months."""

    weekdays: frozenset[int] = frozenset()
    monthday: int = 0
    interval: int = 1


def read_rule(text: str) -> Rule:
    """Read a rule; raises ValueError for one that is none of the above."""
    if found := WEEKLY.fullmatch(text):
        return Rule(weekdays=frozenset(WEEKDAYS.index(name) + 1 for name in found[1].split(",")))
    found = MONTHLY.fullmatch(text)
    if not found or not 1 <= int(found[1] or 1) <= 12:
        raise ValueError(text)
    return Rule(monthday=int(found[2]), interval=int(found[1] or 1))


def days_by(rule: Rule, first: date, since: date, until: date) -> Iterator[date]:
    """Yield the days of a rule from `since` to `until`, both included, none before `first`.

    Months are counted from that of `first`, so that every third one is the same three however late one asks.
    """
    start = max(first, since)
    if rule.weekdays:
        yield from days_of(rule.weekdays, start, until)
        return
    month = 0
    while True:
        year, number = divmod(first.year * 12 + first.month - 1 + month, 12)
        number += 1
        last = calendar.monthrange(year, number)[1]
        day = date(year, number, last if rule.monthday == -1 else rule.monthday)
        if day > until:
            return
        if day >= start:
            yield day
        month += rule.interval
