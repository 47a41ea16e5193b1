"""Moments that phones state: what was done without a network is sent later, with its own time."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from grids.problems import BadInput

# A patrol begun without a network comes in late; what is older than raw fixes are kept cannot be measured any more.
LONGEST_AGO = timedelta(days=7)
TOLERANCE = timedelta(minutes=5)


def stated_moment(given: datetime | None, now: datetime) -> datetime:
    """Return a moment that a phone states, or now; a clock that is a little ahead is taken for right."""
    if given is None:
        return now
    if given > now + TOLERANCE:
        raise BadInput(_("This time lies in the future: the phone's clock is ahead."))
    if given < now - LONGEST_AGO:
        raise BadInput(_("This lies more than seven days back: positions that old are not kept."))
    return min(given, now)
