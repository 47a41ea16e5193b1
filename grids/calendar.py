"""The working calendar as the database knows it, with time limits computed on it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils import timezone

from grids.models import Category, WorkingDay
from grids.models.catalogue import LimitUnit
from grids.worktime import add_working_time, weekday_works


def works_from(start: date, days: int = 90) -> Callable[[date], bool]:
    """Return whether a day is worked, reading the stored days of a span once; Monday to Friday beyond them."""
    stored = WorkingDay.objects.filter(day__range=(start, start + timedelta(days=days)))
    known = dict(stored.values_list("day", "working"))
    return lambda day: known.get(day, weekday_works(day))


def due_after(start: datetime, minutes: int, unit: str, works: Callable[[date], bool] | None = None) -> datetime:
    """Return when a limit of minutes ends that began at an aware moment."""
    if unit == LimitUnit.CALENDAR:
        return start + timedelta(minutes=minutes)
    zone = timezone.get_default_timezone()
    return add_working_time(start, minutes, works or works_from(start.astimezone(zone).date()), zone)


def fix_due(category: Category, dispatched_at: datetime, works: Callable[[date], bool] | None = None) -> datetime:
    """Return when a report of a category must be fixed that was dispatched at a moment."""
    return due_after(dispatched_at, category.limit_minutes, category.limit_unit, works)


def dispatch_due(category: Category, filed_at: datetime, works: Callable[[date], bool] | None = None) -> datetime:
    """Return when a report of a category must be dispatched that was filed at a moment."""
    return due_after(filed_at, category.wait_minutes, category.limit_unit, works)
