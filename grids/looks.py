"""Who looked at whom: whatever shows somebody's position or track to another person notes it here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from grids.models import LookLog

SLOT = timedelta(minutes=15)
# Half a year: long enough to be found by somebody who looks twice a year.
KEPT = timedelta(days=184)


def slot_of(moment: datetime) -> datetime:
    """Return the beginning of the quarter of an hour that a moment lies in."""
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)


def note(
    viewer: int, role: str, what: LookLog.What, seen: Iterable[tuple[int | None, UUID | None]], now: datetime
) -> None:
    """Note that a person, in a role, looked at others, each with the patrol it was about; once a quarter of an hour.

    Looking at oneself is no look.
    """
    slot = slot_of(now)
    rows = [
        LookLog(viewer_id=viewer, owner_id=owner, what=what, role=role, about=about, slot=slot)
        for owner, about in seen
        if owner != viewer
    ]
    if rows:
        LookLog.objects.bulk_create(rows, ignore_conflicts=True)
