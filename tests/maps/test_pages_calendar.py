"""The page of the working calendar: what it shows, and who changes a day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.catalogue import seed_working_days
from grids.models import Outbox, WorkingDay
from tests.town import Town

pytestmark = pytest.mark.django_db
Acting = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _days(db: None) -> None:
    seed_working_days(timezone.localdate())


def cells(response: Any) -> dict[date, Any]:
    months = response.context["months"]
    return {cell.day: cell for month in months for week in month["weeks"] for cell in week if cell}


def test_a_year_is_shown_whole_with_holidays_and_make_up_days(as_person: Acting) -> None:
    shown = cells(as_person("alice").get("/calendar/?year=2026"))
    assert len(shown) == 365
    assert not shown[date(2026, 2, 17)].working  # Spring Festival, a Tuesday
    assert shown[date(2026, 2, 17)].mark
    assert shown[date(2026, 2, 28)].working  # a Saturday worked for it
    assert shown[date(2026, 2, 28)].mark
    assert not shown[date(2026, 3, 7)].mark  # a plain Saturday
    assert shown[date(2026, 10, 10)].working
    assert not shown[date(2026, 10, 7)].working


def test_a_provisional_year_says_what_follows(as_person: Acting) -> None:
    year = timezone.localdate().year + 1
    WorkingDay.objects.filter(day__year=year).update(provisional=True)
    assert 'id="provisional"' in as_person("alice").get(f"/calendar/?year={year}").content.decode()
    WorkingDay.objects.filter(day__year=year).update(provisional=False)
    assert 'id="provisional"' not in as_person("alice").get(f"/calendar/?year={year}").content.decode()


@pytest.mark.parametrize("year", ["1999", "99999", "x", "²026", ""])
def test_a_year_that_is_not_held_is_404(as_person: Acting, year: str) -> None:
    assert as_person("alice").get("/calendar/", {"year": year}).status_code == 404


def coming() -> date:
    day = timezone.localdate() + timedelta(days=3)
    WorkingDay.objects.filter(day=day).update(working=True, provisional=False)
    return day


def test_a_planner_of_a_district_changes_a_day_with_a_reason(as_person: Acting, town: Town) -> None:
    day = coming()
    form = {"day": day.isoformat(), "working": "no", "reason": "停电检修"}
    assert as_person("paula").post("/calendar/", form).status_code == 302
    row = WorkingDay.objects.get(day=day)
    assert (row.working, row.reason) == (False, "停电检修")
    assert Outbox.objects.get(topic="calendar.changed").payload["person"] == town.paula.pk
    event = row.history.order_by("-pgh_id").first()  # type: ignore[attr-defined]
    assert event.pgh_context["user"] == town.paula.pk
    seen = as_person("alice").get("/calendar/", {"day": day.isoformat()}).content.decode()
    assert "停电检修" in seen
    assert '<form method="post" action="?year' not in seen


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"day": "", "working": "no", "reason": "x"}, 400),
        ({"day": "2026-02-31", "working": "no", "reason": "x"}, 400),
        ({"day": "2024-02-01", "working": "no", "reason": "x"}, 422),
        ({"day": "+3", "working": "maybe", "reason": "x"}, 400),
        ({"day": "+3", "working": "no", "reason": " "}, 422),
        ({"day": "+3", "working": "yes", "reason": "x"}, 409),
    ],
)
def test_what_cannot_be_changed_is_said_and_nothing_is_written(
    as_person: Acting, form: dict[str, str], status: int
) -> None:
    day = coming()
    response = as_person("paula").post("/calendar/", {**form, "day": form["day"].replace("+3", day.isoformat())})
    assert response.status_code == status
    assert 'role="alert"' in response.content.decode()
    assert not WorkingDay.objects.exclude(reason="").exists()


def test_nobody_else_changes_a_day(as_person: Acting) -> None:
    form = {"day": coming().isoformat(), "working": "no", "reason": "x"}
    for name in ("alice", "dora", "squad_member"):
        assert as_person(name).post("/calendar/", form).status_code == 403
    assert Client().post("/calendar/", form).status_code == 302
    assert not WorkingDay.objects.exclude(reason="").exists()


def test_the_page_costs_a_few_queries(as_person: Acting) -> None:
    client = as_person("paula")
    client.get("/calendar/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/calendar/", {"day": coming().isoformat()})
    assert len(queries) <= 12
