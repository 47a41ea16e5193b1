"""Quiet hours: when nobody wants to be disturbed, by the clock on the wall."""

from datetime import datetime, time, timedelta

from django.utils import timezone


def is_quiet(at: time, start: time, end: time) -> bool:
    """Whether a time of day lies in quiet hours; from 22:00 to 07:00 they run over midnight. The end is not quiet."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def attention_at(now: datetime, start: time | None, end: time | None) -> datetime:
    """Return when somebody's attention may be drawn to something: now, or at the end of their quiet hours.

    `now` is aware; the hours are in the site's time zone. Without hours, or with two equal ones, nothing is quiet.
    """
    if start is None or end is None or start == end:
        return now
    local = timezone.localtime(now)
    if not is_quiet(local.time(), start, end):
        return now
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, end))
