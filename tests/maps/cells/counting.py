"""Reports and events as fast as the counts need them, and the counts as plain numbers."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from grids.models import Category
from grids.models.catalogue import Kind
from grids.scope import NOBODY
from maps.cells import folding, following, recounting
from maps.models import CellCount, CellCursor
from patrols.history import event_of
from patrols.models import Event, Report
from patrols.workflow import State
from tests.town import NEAR, at

BEYOND = 2**62  # a transaction that no cluster comes to: events of the test's own transaction are read, too


def begin() -> None:
    """Make the counts, and let whatever the test's own transaction writes from now on be news."""
    recounting.fill()
    CellCursor.objects.update(baseline="1:1:")


def file_at(east: float, north: float, category: Category, when: datetime, **more: Any) -> Report:
    """File a report without the way there: the row and its first event."""
    point = at(east, north)
    number = Report.objects.count()
    values: dict[str, Any] = {
        "district": NEAR[:6],
        "region_code": NEAR + "001",
        "number": f"T-{number}",
        "public_number": f"P-{number}",
        "kind": Kind.PROBLEM,
        **more,
    }
    times = dict.fromkeys(("occurred_at", "recorded_at", "changed_at", "waiting_since"), when)
    report = Report.objects.create(category=category, geom=point, anchor=point, **times, **values)
    Event.objects.bulk_create([event_of(report, "file", "", NOBODY, timezone.now())])
    return report


def move(report: Report, state: State, verb: str = "step") -> None:
    """Move a report to a state, with its event."""
    before, report.state = report.state, state
    report.save(update_fields=["state"])
    Event.objects.bulk_create([event_of(report, verb, before, NOBODY, timezone.now())])


def keep_up() -> int | None:
    """Follow all events, those of this very transaction too, and fold what they changed."""
    read = following.follow(below=BEYOND)
    folding.fold()
    return read


def table() -> dict[tuple[Any, ...], tuple[int, list[int] | None]]:
    """All counts by their keys."""
    keys = ("district", "cell", "category", "year", "state", "region_code")
    return {tuple(row[:6]): (row[6], row[7]) for row in CellCount.objects.values_list(*keys, "count", "days")}


def by_state() -> Counter[int]:
    """How many stand in each state, and in any open one and altogether, at the coarsest resolution."""
    found: Counter[int] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "select state, sum(count) from maps_cellcount where cell_parent(cell, 1) = cell and year > 0"
            " and category = 0 group by state"
        )
        found.update(dict(cursor.fetchall()))
    return found
