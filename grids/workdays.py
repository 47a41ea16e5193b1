"""Changing the working calendar by hand, and telling those whose time limits run over the changed days."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import outbox
from grids.models import WorkingDay
from grids.problems import BadInput, Conflict

# The promise that due times are computed again; whoever keeps time limits handles it.
CALENDAR_CHANGED = "calendar.changed"


def change_day(day: date, *, working: bool, reason: str, person: int | None = None) -> WorkingDay:
    """Say that a day is worked or not, and why; return it.

    Raises BadInput for a day that has passed or is not in the calendar and without a reason, Conflict when the day is
    so already.
    """
    reason = reason.strip()
    if day < timezone.localdate():
        raise BadInput(_("%(day)s has passed: time was counted by it.") % {"day": day})
    if not reason:
        raise BadInput(_("Say why the day is changed."))
    if len(reason) > 200:
        raise BadInput(_("The reason is longer than 200 characters."))
    with transaction.atomic():
        row = WorkingDay.objects.select_for_update().filter(day=day).first()
        if row is None:
            raise BadInput(_("%(day)s is not in the calendar yet.") % {"day": day})
        if row.working == working and not row.provisional:
            raise Conflict(_("%(day)s is so already.") % {"day": day})
        moved = row.working != working
        row.working, row.reason, row.provisional = working, reason, False
        row.save(update_fields=["working", "reason", "provisional"])
        if moved:
            calendar_changed([day], person)
    return row


def calendar_changed(days: Collection[date], person: int | None = None) -> None:
    """Promise that due times over some days are computed again; `person` is told how many moved."""
    outbox.put(CALENDAR_CHANGED, since=min(days).isoformat(), days=len(days), person=person)
