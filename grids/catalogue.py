"""Loading the catalogue: categories and checkpoint types as versioned data, and the working calendar's seed."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import chinese_calendar
from django.db import transaction

from grids.models import Category, CheckpointType, WorkingDay

# The library raises NotImplementedError for years whose holidays are not published yet.
FIRST_SEEDED_YEAR = 2024


@transaction.atomic
def load_categories(version: str, entries: Iterable[Mapping[str, Any]]) -> int:
    """Load an edition of the categories and return how many there are.

    Loading the same edition again corrects its rows; a new edition takes the old one out of use and leaves its rows,
    to which old reports refer.
    """
    rows = [Category(version=version, active=True, **_category(entry)) for entry in entries]
    Category.objects.exclude(version=version).filter(active=True).update(active=False)
    fields = [field for field in _category_fields() if field != "code"]
    Category.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code", "version"], update_fields=["active", *fields]
    )
    return len(rows)


@transaction.atomic
def load_checkpoint_types(entries: Iterable[Mapping[str, Any]]) -> int:
    """Load the checkpoint types and return how many there are; loading again corrects them."""
    fields = ["name", "name_en", "glyph", "geometry"]
    rows = [
        CheckpointType(code=entry["code"], sort=place, **{field: entry[field] for field in fields})
        for place, entry in enumerate(entries)
    ]
    CheckpointType.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=[*fields, "sort"]
    )
    return len(rows)


def seed_working_days(today: date) -> int:
    """Add the days from the first seeded year to the end of next year that are missing; return how many.

    Days somebody edited stay as they are. A year whose holidays are not published is provisional (Monday to Friday)
    and becomes firm once a newer release of the calendar knows it.
    """
    last = date(today.year + 1, 12, 31)
    first = date(FIRST_SEEDED_YEAR, 1, 1)
    rows = [_working_day(first + timedelta(days=offset)) for offset in range((last - first).days + 1)]
    WorkingDay.objects.filter(provisional=True, day__in=[row.day for row in rows if not row.provisional]).delete()
    known = set(WorkingDay.objects.values_list("day", flat=True))
    missing = [row for row in rows if row.day not in known]
    WorkingDay.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _working_day(day: date) -> WorkingDay:
    try:
        working = chinese_calendar.is_workday(day)
        _off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return WorkingDay(day=day, working=day.weekday() < 5, provisional=True)
    return WorkingDay(day=day, working=working, name=name or "", provisional=False)


def _category_fields() -> list[str]:
    apart = {"id", "version", "active", "wait_minutes", "group_en"}
    return [field.name for field in Category._meta.concrete_fields if field.name not in apart]


def _category(entry: Mapping[str, Any]) -> dict[str, Any]:
    optional = {name: entry[name] for name in ("wait_minutes", "group_en") if name in entry}
    return {**{name: entry[name] for name in _category_fields()}, **optional}
