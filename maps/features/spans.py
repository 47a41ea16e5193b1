"""The parameter `datetime`: a moment, a day, or an interval of which one end may be open (RFC 3339, section 5.6)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from grids.problems import Problem

OPEN = frozenset({"", ".."})
LEAST = timedelta(microseconds=1)  # what PostgreSQL tells apart
DAY = timedelta(days=1)
ONLY_DAY = re.compile(r"\d{4}-\d\d-\d\dT?")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+ -]\d\d:\d\d)")
EARLIEST, LATEST = 1900, 9998


@dataclass(frozen=True, slots=True)
class Span:
    """A time from `since` on and before `until`; None is open. Both open is all of time."""

    since: datetime | None = None
    until: datetime | None = None

    def days(self) -> DateRange:
        """Return the days of the site's time zone that it touches."""
        last = self.until and timezone.localtime(self.until - LEAST).date()
        return DateRange(self.since and timezone.localtime(self.since).date(), last and last + DAY)


def read_span(text: str) -> Span:
    """Read a moment, a day or an interval, both ends of which belong to it; raises Problem (400)."""
    first, slash, last = text.partition("/")
    if not slash:
        return Span(*_ends(text))
    if first in OPEN and last in OPEN:
        raise Problem(_("Of an interval in datetime one end at most may be open."))
    span = Span(None if first in OPEN else _ends(first)[0], None if last in OPEN else _ends(last)[1])
    if span.since and span.until and span.since >= span.until:
        raise Problem(_("The interval in datetime ends before it begins."))
    return span


def _ends(text: str) -> tuple[datetime, datetime]:
    """Return the beginning of what is named and the moment just after it."""
    try:
        # GDAL writes a day as the beginning of a moment.
        if ONLY_DAY.fullmatch(text):
            day = date.fromisoformat(text[:10])
            return _midnight(day), _midnight(day + DAY)
        # A plus sign that nobody encoded arrives as a blank.
        moment = (
            parse_datetime(text[:19].upper() + text[19:].upper().replace(" ", "+")) if MOMENT.fullmatch(text) else None
        )
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not EARLIEST <= moment.year <= LATEST:
        raise Problem(
            _("datetime must be a day or a moment such as 2026-11-03T08:00:00Z, or two of them with / between.")
        )
    return moment, moment + LEAST


def _midnight(day: date) -> datetime:
    if not EARLIEST <= day.year <= LATEST:
        raise ValueError
    return timezone.make_aware(datetime.combine(day, time()))
