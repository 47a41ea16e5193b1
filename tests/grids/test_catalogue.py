"""The catalogue and the working calendar: loaded once, corrected by loading again, edited days kept."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from grids import clock
from grids.calendar import fix_due, works_from
from grids.catalogue import load_categories, load_checkpoint_types, seed_working_days
from grids.models import Category, CheckpointType, WorkingDay
from maps.management.commands.prepare import load_catalogue

ENTRY: dict[str, Any] = {
    "code": "06010",
    "name": "暴露垃圾",
    "name_en": "Exposed rubbish",
    "glyph": "垃",
    "group": "06 市容环境",
    "acts": "volunteer",
    "body": "sanitation",
    "trivial": True,
    "hazard": False,
    "limit_minutes": 240,
    "limit_unit": "working",
    "verify": "sample",
    "stairwell": False,
    "sort": 10,
}
TODAY = date(2026, 3, 2)
pytestmark = pytest.mark.django_db


def test_loading_an_edition_again_corrects_it() -> None:
    load_categories("2026.1", [ENTRY])
    load_categories("2026.1", [{**ENTRY, "limit_minutes": 300}])
    assert Category.objects.get().limit_minutes == 300


def test_a_new_edition_takes_the_old_one_out_of_use_and_keeps_it() -> None:
    load_categories("2026.1", [ENTRY])
    load_categories("2027.1", [{**ENTRY, "name": "散落垃圾"}])
    assert Category.objects.count() == 2
    assert Category.objects.get(active=True).version == "2027.1"


def test_checkpoint_types_are_loaded_in_order() -> None:
    entries = [{"code": code, "name": code, "name_en": code, "glyph": "x", "geometry": "point"} for code in "ab"]
    load_checkpoint_types(entries)
    load_checkpoint_types(entries)
    assert list(CheckpointType.objects.values_list("code", "sort")) == [("a", 0), ("b", 1)]


def test_the_shipped_catalogue_loads() -> None:
    load_catalogue()
    assert Category.objects.filter(active=True).count() >= 23
    assert CheckpointType.objects.count() >= 20
    assert len({row.glyph for row in Category.objects.all()}) > 15


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 17), False),  # Spring Festival
        (date(2026, 2, 14), True),  # a Saturday worked for it
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 3, 2), True),
        (date(2026, 3, 1), False),
    ],
)
def test_the_calendar_knows_holidays_and_make_up_days(day: date, working: bool) -> None:
    seed_working_days(TODAY)
    row = WorkingDay.objects.get(day=day)
    assert (row.working, row.provisional) == (working, False)


def test_an_unpublished_year_is_provisional() -> None:
    seed_working_days(date(2039, 1, 1))
    assert WorkingDay.objects.get(day=date(2040, 6, 4)).provisional is True


def test_the_clock_keeps_the_calendar_ahead() -> None:
    assert "working-days" in clock.tick()
    assert WorkingDay.objects.filter(day=date(timezone.localdate().year + 1, 12, 31)).exists()


def test_an_edited_day_stays_as_edited() -> None:
    seed_working_days(TODAY)
    WorkingDay.objects.filter(day=TODAY).update(working=False, name="停工")
    assert seed_working_days(TODAY) == 0
    assert works_from(TODAY)(TODAY) is False


def test_a_provisional_day_becomes_firm_when_its_year_is_known() -> None:
    WorkingDay.objects.create(day=date(2026, 10, 1), working=True, provisional=True)
    seed_working_days(TODAY)
    assert WorkingDay.objects.get(day=date(2026, 10, 1)).working is False


def test_a_limit_of_hours_runs_over_the_spring_festival() -> None:
    """Friday 13 February 2026, 17:00: one hour that day, three on the worked Saturday."""
    seed_working_days(TODAY)
    load_categories("2026.1", [ENTRY])
    zone = ZoneInfo("Asia/Shanghai")
    due = fix_due(Category.objects.get(), datetime(2026, 2, 13, 17, 0, tzinfo=zone))
    assert due == datetime(2026, 2, 14, 12, 0, tzinfo=zone)
