"""The working calendar as the database knows it, with time limits computed on it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils import timezone

from grids.models import Category, WorkingDay
from grids.models.catalogue import LimitUnit
from grids.worktime import add_working_time, weekday_works, working_time, working_time_before

Works = Callable[[date], bool]
AT_RISK = 4  # a clock is at risk from the moment on when this part of its limit is left
BEFORE = timedelta(days=60)


def works_from(start: date, days: int = 90) -> Works:
    """Return whether a day is worked, reading the stored days of a span once; Monday to Friday beyond them."""
    stored = WorkingDay.objects.filter(day__range=(start, start + timedelta(days=days)))
    known = dict(stored.values_list("day", "working"))
    return lambda day: known.get(day, weekday_works(day))


def works_around(category: Category, moment: datetime) -> Works | None:
    """Return the calendar around a moment for a limit in working time, read once; nothing for one round the clock."""
    if category.limit_unit == LimitUnit.CALENDAR:
        return None
    return works_from(_local(moment - BEFORE), 3 * BEFORE.days)


def due_after(start: datetime, span: timedelta, unit: str, works: Works | None = None) -> datetime:
    """Return when a time limit ends that began at an aware moment."""
    if unit == LimitUnit.CALENDAR:
        return start + span
    return add_working_time(start, span, works or works_from(_local(start)), timezone.get_default_timezone())


def left_between(now: datetime, due: datetime, unit: str, works: Works | None = None) -> timedelta:
    """Return how much of a time limit is left at a moment; nothing once it has passed."""
    if unit == LimitUnit.CALENDAR or due <= now:
        return max(due - now, timedelta())
    return working_time(now, due, works or works_from(_local(now)), timezone.get_default_timezone())


def _local(moment: datetime) -> date:
    return moment.astimezone(timezone.get_default_timezone()).date()


def fix_due(category: Category, dispatched_at: datetime, works: Works | None = None) -> datetime:
    """Return when a report of a category must be fixed that was dispatched at a moment."""
    return due_after(dispatched_at, timedelta(minutes=category.limit_minutes), category.limit_unit, works)


def dispatch_due(category: Category, filed_at: datetime, works: Works | None = None) -> datetime:
    """Return when a report of a category must be dispatched that was filed at a moment."""
    return due_after(filed_at, timedelta(minutes=category.wait_minutes), category.limit_unit, works)


def risk_from(due: datetime, minutes: int, unit: str, works: Works | None = None) -> datetime:
    """Return from when on a clock is at risk that ends at a moment: a quarter of its limit in minutes is left."""
    quarter = timedelta(minutes=minutes) / AT_RISK
    if unit == LimitUnit.CALENDAR:
        return due - quarter
    works = works or works_from(_local(due - BEFORE), BEFORE.days)
    return working_time_before(due, quarter, works, timezone.get_default_timezone())


def fix_risk(category: Category, due: datetime, works: Works | None = None) -> datetime:
    """Return from when on a report of a category is at risk of not being fixed by a moment."""
    return risk_from(due, category.limit_minutes, category.limit_unit, works)


def dispatch_risk(category: Category, due: datetime, works: Works | None = None) -> datetime:
    """Return from when on a report of a category is at risk of not being dispatched by a moment."""
    return risk_from(due, category.wait_minutes, category.limit_unit, works)
