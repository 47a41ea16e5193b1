"""Moments and spans of time in the words that people use: 今天 14:05, 周三 09:10, 11月3日; 18 分, 2 小时, 3 天."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def moment(when: datetime, now: datetime) -> str:
    """Return an aware moment in the reader's habit, in the site's time zone."""
    local, today = timezone.localtime(when), timezone.localdate(now)
    clock = date_format(local, "H:i")
    days = (today - local.date()).days
    if days == 0:
        return _("today %(clock)s") % {"clock": clock}
    if days == 1:
        return _("yesterday %(clock)s") % {"clock": clock}
    if 1 < days < 7:
        return _("%(weekday)s %(clock)s") % {"weekday": weekdays()[local.weekday()], "clock": clock}
    if local.year == today.year:
        return date_format(local, pgettext("date without year", "j M"))
    return date_format(local, pgettext("date with year", "j M Y"))


def coming(when: datetime, now: datetime) -> str:
    """Return a moment ahead in the reader's habit: 今天 07:30, 明天 07:30, 周三 07:30, 11月3日 07:30."""
    local, today = timezone.localtime(when), timezone.localdate(now)
    days = (local.date() - today).days
    if days in {0, 1}:
        words = _("today %(clock)s") if days == 0 else _("tomorrow %(clock)s")
        return words % {"clock": date_format(local, "H:i")}
    return _("%(day)s %(clock)s") % {"day": coming_day(local.date(), today), "clock": date_format(local, "H:i")}


def coming_day(day: date, today: date) -> str:
    """Return a day from today on: today, tomorrow, Wed, Tue 3 Nov."""
    days = (day - today).days
    if days in {0, 1}:
        return _("today") if days == 0 else _("tomorrow")
    if 1 < days < 7:
        return weekdays()[day.weekday()]
    date_words = date_format(day, pgettext("date without year", "j M"))
    return _("%(weekday)s %(date)s") % {"weekday": weekdays()[day.weekday()], "date": date_words}


def full_moment(when: datetime, now: datetime) -> str:
    """Return a moment in the reader's habit that keeps its clock time however long ago it was: for histories."""
    words, local = moment(when, now), timezone.localtime(when)
    if (timezone.localdate(now) - local.date()).days < 7 and when <= now:
        return words
    return _("%(day)s %(clock)s") % {"day": words, "clock": date_format(local, "H:i")}


def day_words(day: date, today: date) -> str:
    """Return a day in the reader's habit: 今天, 昨天, 周三, 11月3日."""
    ago = (today - day).days
    if ago == 0:
        return pgettext("day", "today")
    if ago == 1:
        return pgettext("day", "yesterday")
    if 1 < ago < 7:
        return weekdays()[day.weekday()]
    if day.year == today.year:
        return date_format(day, pgettext("date without year", "j M"))
    return date_format(day, pgettext("date with year", "j M Y"))


def weekdays() -> tuple[str, ...]:
    """Return the short names of the days of the week, Monday first."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


def span(length: timedelta) -> str:
    """Return a span's largest unit, rounded down: what fits into a pill. Less than a minute is one minute."""
    seconds = max(MINUTE, int(abs(length.total_seconds())))
    if seconds < HOUR:
        return _minutes(seconds // MINUTE)
    if seconds < 2 * DAY:
        return _hours(seconds // HOUR)
    return _days(seconds // DAY)


def long_span(length: timedelta) -> str:
    """Return a span with its two largest units, rounded down."""
    seconds = int(abs(length.total_seconds()))
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days:
        return " ".join([_days(days), *([_hours(hours)] if hours else [])])
    if hours:
        return " ".join([_hours(hours), *([_minutes(minutes)] if minutes else [])])
    return _minutes(minutes) if minutes else _("less than a minute")


def _minutes(count: int) -> str:
    return ngettext("%(count)s min", "%(count)s min", count) % {"count": count}


def _hours(count: int) -> str:
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
