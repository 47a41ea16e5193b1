"""Loading the catalogue: categories and checkpoint types as versioned data, and the working calendar's seed."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import chinese_calendar
from django.db import transaction
from django.utils import timezone

from grids import clock
from grids.history import changed_by_people
from grids.models import Category, CheckpointType, WorkingDay
from grids.workdays import calendar_changed

# The library raises NotImplementedError for years whose holidays are not published yet.
FIRST_SEEDED_YEAR = 2024
# What the names of editions begin with that were made here and not shipped.
LOCAL = "local-"


@transaction.atomic
def load_categories(version: str, entries: Iterable[Mapping[str, Any]]) -> int:
    """Load an edition of the categories and return how many there are.

    Loading the same edition again corrects its rows; a new edition takes the old one out of use and leaves its rows,
    to which old reports refer. What people decided here stands: a row they changed stays as it is, and so does a local
    edition of a code.
    """
    local = Category.objects.filter(version__startswith=LOCAL)
    ours = set(local.filter(active=True).values_list("code", flat=True))
    touched = Category.objects.filter(version=version, pk__in=changed_by_people(Category))
    kept = set(touched.values_list("code", flat=True))
    rows = [
        Category(version=version, active=entry["code"] not in ours, **_category(entry))
        for entry in entries
        if entry["code"] not in kept
    ]
    shipped = Category.objects.exclude(version=version).exclude(version__startswith=LOCAL)
    shipped.filter(active=True).update(active=False)
    fields = [field for field in _category_fields() if field != "code"]
    Category.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code", "version"], update_fields=["active", *fields]
    )
    return len(rows) + len(kept)


def local_edition(code: str) -> str:
    """Return the name of the next edition of a category that is made here: `local-` and a running number."""
    return f"{LOCAL}{Category.objects.filter(code=code, version__startswith=LOCAL).count() + 1}"


@transaction.atomic
def load_checkpoint_types(entries: Iterable[Mapping[str, Any]]) -> int:
    """Load the checkpoint types and return how many; loading again corrects those that nobody changed here."""
    fields = ["name", "name_en", "glyph", "geometry"]
    touched = CheckpointType.objects.filter(pk__in=changed_by_people(CheckpointType))
    kept = set(touched.values_list("code", flat=True))
    rows = [
        CheckpointType(code=entry["code"], sort=place, **{field: entry[field] for field in fields})
        for place, entry in enumerate(entries)
        if entry["code"] not in kept
    ]
    CheckpointType.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=[*fields, "sort"]
    )
    return len(rows)


@transaction.atomic
def seed_working_days(today: date) -> int:
    """Add the days from the first seeded year to the end of next year that are missing; return how many.

    Days that somebody changed stay as they are. A year whose holidays are not published is provisional (Monday to
    Friday) and becomes firm once a newer release of the calendar knows it; time limits that run over a day which turns
    out otherwise are promised to be computed again.
    """
    last = date(today.year + 1, 12, 31)
    first = date(FIRST_SEEDED_YEAR, 1, 1)
    rows = [_working_day(first + timedelta(days=offset)) for offset in range((last - first).days + 1)]
    known = {row.day: row for row in WorkingDay.objects.filter(day__gte=first)}
    firm = [row for row in rows if _becomes_firm(row, known.get(row.day))]
    otherwise = [row.day for row in firm if row.working != known[row.day].working]
    WorkingDay.objects.bulk_update(firm, ["working", "name", "provisional"])
    missing = [row for row in rows if row.day not in known]
    WorkingDay.objects.bulk_create(missing, ignore_conflicts=True)
    if otherwise:
        calendar_changed(otherwise)
    return len(missing)


@clock.task("working-days", timedelta(days=1))
def keep_calendar_ahead() -> int:
    """Add the days of a year that has come into sight, however long nobody has updated the site."""
    return seed_working_days(timezone.localdate())


def _becomes_firm(row: WorkingDay, known: WorkingDay | None) -> bool:
    return known is not None and known.provisional and not known.reason and not row.provisional


def _working_day(day: date) -> WorkingDay:
    try:
        working = chinese_calendar.is_workday(day)
        _off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return WorkingDay(day=day, working=day.weekday() < 5, provisional=True)
    return WorkingDay(day=day, working=working, name=name or "", provisional=False)


# What an entry may leave to the model.
OPTIONAL = ("wait_minutes", "group_en", "kind", "after_photo", "skills", "near_metres", "near_days", "recurs_days")


def _category_fields() -> list[str]:
    apart = {"id", "version", "active", "wait_minutes", "group_en", "kind", "skills"}
    return [field.name for field in Category._meta.concrete_fields if field.name not in apart]


def _category(entry: Mapping[str, Any]) -> dict[str, Any]:
    optional = {name: entry[name] for name in OPTIONAL if name in entry}
    return {**{name: entry[name] for name in _category_fields() if name not in OPTIONAL}, **optional}
