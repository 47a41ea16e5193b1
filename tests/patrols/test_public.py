"""What may be public of problems: the moderation, the cell, and the five reports behind it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from patrols import public_cells
from patrols.models import Report
from patrols.models.reports import Source
from patrols.public import NEVER, OPEN, SHOWN, centre_of, moderated, public_problems
from patrols.queries import ReportQuerySet
from patrols.workflow import State
from tests.town import Town

# The town's corner lies at 111.67, 40.82: a corner of four cells too.
CELL = (111_671, 40_821)
WEST, SOUTH = 111.671, 40.821


def put(town: Town, count: int = 1, east: float = 0.5, north: float = 0.5, **more: Any) -> list[Report]:
    """Write problems at a share of the cell's width and height, taken on by Dora unless `more` says otherwise."""
    now = timezone.now()
    point = Point(WEST + east / 1000, SOUTH + north / 1000, srid=4326)
    number = Report.objects.count()
    fields = {
        "district": "150199",
        "region_code": "150199001001",
        "category": town.litter,
        "grid": town.grids[5],
        "geom": point,
        "anchor": point,
        "state": State.ACCEPTED,
        "accepted_by": town.dora,
        **dict.fromkeys(("occurred_at", "recorded_at", "changed_at", "waiting_since"), now),
        **more,
    }
    if fields["state"] == State.CLOSED:
        fields = {"closed_at": fields["recorded_at"], **fields}
    return Report.objects.bulk_create(
        Report(number=f"n{number + step}", public_number=f"P{number + step}", **fields) for step in range(count)
    )


def public() -> ReportQuerySet:
    """Return what is public once the counts are made anew."""
    public_cells.refresh()
    return public_problems()


def cell_of(report: Report) -> tuple[int, int]:
    """Return the cell that a row was annotated with."""
    return report.__dict__["column"], report.__dict__["row"]


@pytest.mark.parametrize(("reports", "seen"), [(4, 0), (5, 5)])
def test_a_cell_is_public_from_five_reports_on(town: Town, reports: int, seen: int) -> None:
    put(town, reports)
    assert public().count() == seen


@pytest.mark.parametrize(("further", "seen"), [(2, 0), (3, 2)])
def test_who_follows_a_report_stands_behind_the_cell_too(town: Town, further: int, seen: int) -> None:
    put(town)
    put(town, further=further)
    assert public().count() == seen


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        (Source.INSPECTION, 2),
        (Source.HOTLINE, 2),
        (Source.PATROL, 0),
        (Source.RESIDENT, 0),
        (Source.SENSOR, 0),
        (Source.LIST, 0),
    ],
)
def test_an_official_source_opens_the_cell_for_all_in_it(town: Town, source: str, seen: int) -> None:
    put(town, source=source)
    put(town)
    assert public().count() == seen


def test_reports_of_the_next_cell_do_not_count_however_near(town: Town) -> None:
    put(town, 4, east=0.999)
    put(town, 4, east=1.001)
    put(town, 4, north=1.001)
    assert not public().exists()
    put(town, east=0.001, north=0.999)
    assert {cell_of(row) for row in public()} == {CELL}
    assert public().count() == 5


@pytest.mark.parametrize("state", sorted(NEVER))
def test_what_nobody_took_on_or_was_refused_neither_shows_nor_counts(town: Town, state: str) -> None:
    put(town, 4)
    put(town, 3, state=state)
    assert not moderated().filter(state=state).exists()
    assert not public().exists()


def test_every_state_is_public_or_never(town: Town) -> None:
    assert set(SHOWN) | NEVER == set(State)
    assert not set(SHOWN) & NEVER
    put(town, 2, state=State.ACCEPTED)
    for state in set(SHOWN) - {State.ACCEPTED}:
        put(town, state=state)
    assert public().filter(state__in=OPEN).count() == len(OPEN) + 1


def test_what_was_fixed_on_the_spot_counts_once_it_is_closed(town: Town) -> None:
    fixed = put(town, 5, state=State.HANDLED, accepted_by=None)
    assert not public().exists()
    Report.objects.filter(pk__in=[row.pk for row in fixed]).update(state=State.CLOSED, closed_at=timezone.now())
    assert public().count() == 5


def test_a_request_is_never_public(town: Town) -> None:
    put(town, 4)
    put(town, 5, kind="request")
    assert not public().exists()


@pytest.mark.parametrize(("days", "state", "seen"), [(364, "closed", 5), (367, "closed", 0), (900, "accepted", 5)])
def test_what_is_closed_is_shown_for_a_year_and_what_is_open_until_it_is_over(
    town: Town, days: int, state: str, seen: int
) -> None:
    put(town, 5, state=state, recorded_at=timezone.now() - timedelta(days=days))
    assert public().count() == seen


def test_what_took_more_than_a_year_is_shown_for_a_year_after_it_was_closed(town: Town) -> None:
    now = timezone.now()
    put(town, 5, state=State.CLOSED, recorded_at=now - timedelta(days=400), closed_at=now - timedelta(days=2))
    assert public().count() == 5


def test_the_public_place_is_the_middle_of_the_cell(town: Town) -> None:
    put(town, 5, east=0.91, north=0.07)
    (place,) = {centre_of(*cell_of(row)).coords for row in public()}
    assert place == pytest.approx((111.6715, 40.8215))


def test_a_page_of_public_problems_is_one_query_that_counts_no_cell(town: Town, django_assert_num_queries: Any) -> None:
    put(town, 5)
    page = public().select_related("category").order_by("-recorded_at", "-pk")[:50]
    with django_assert_num_queries(1):
        assert len(page) == 5
    assert "SUM" not in str(page.query).upper()
