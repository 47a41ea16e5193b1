"""How the streets of a grid stand: walked, due, overdue, unknown or never, as far as they lie in the grid."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Street
from patrols.coverage import StreetSeen, Walked, grid_seen
from patrols.models import Coverage
from tests.patrols.walks import street
from tests.town import DISTRICT, Town


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def saw(road: Street, day: date, covered: Any = (), unknown: Any = (), *, told: bool = False) -> None:
    """Write a day's coverage in hundredths of a street."""

    def parts(hundredths: Any) -> tuple[tuple[int, int], ...]:
        return tuple((low * 10_000, high * 10_000) for low, high in hundredths)

    Coverage.objects.create(
        district=DISTRICT, street=road, day=day, covered=parts(covered), unknown=parts(unknown), told=told
    )


def only(town: Town, today: date) -> StreetSeen:
    (found,) = grid_seen(town.grids[5], today).streets
    return found


@pytest.fixture
def inside(town: Town) -> Street:
    return street("inside", (1.2, 1.5), (1.8, 1.5))


@pytest.mark.parametrize(
    ("days", "state"),
    [
        ([(1, [(0, 100)], [])], Walked.WALKED),
        ([(1, [(0, 59)], [])], Walked.NEVER),
        ([(1, [(0, 61)], [])], Walked.WALKED),
        ([(5, [(0, 100)], [])], Walked.DUE),
        ([(8, [(0, 100)], [])], Walked.OVERDUE),
        ([(1, [(0, 40)], []), (2, [(30, 70)], [])], Walked.DUE),
        ([(1, [(0, 20)], [(20, 100)])], Walked.UNKNOWN),
        ([(1, [(0, 20)], []), (2, [], [(0, 100)])], Walked.UNKNOWN),
        ([(8, [], [(0, 100)])], Walked.NEVER),
        ([(1, [], [(0, 50)])], Walked.NEVER),
        ([], Walked.NEVER),
    ],
)
def test_a_street_stands_as_its_days_say(
    town: Town, inside: Street, today: date, days: list[tuple[int, Any, Any]], state: Walked
) -> None:
    for ago, covered, unknown in days:
        saw(inside, today - timedelta(days=ago), covered, unknown)
    assert only(town, today).state is state


def test_a_tick_counts_and_is_said_apart(town: Town, inside: Street, today: date) -> None:
    saw(inside, today, told=True)
    found = only(town, today)
    assert (found.state, found.told_on, found.walked_on, found.covered) == (Walked.WALKED, today, today, 0)


def test_another_day_can_be_asked_for(town: Town, inside: Street, today: date) -> None:
    saw(inside, today, [(0, 100)])
    assert only(town, today - timedelta(days=1)).state is Walked.NEVER


def test_a_street_is_looked_at_as_far_as_it_lies_in_the_grid(town: Town, today: date) -> None:
    """
    1    2    3    the street runs from 1 to 3, the middle grid ends at 2
    +----+----+
    ==== walked to 1.7
    """
    long = street("long", (1.0, 1.5), (3.0, 1.5))
    saw(long, today, [(0, 35)])
    found = only(town, today)
    assert found.metres == pytest.approx(105, abs=1)
    assert found.covered == pytest.approx(0.667, abs=0.01)
    assert found.state is Walked.WALKED
    assert grid_seen(town.grids[8], today).streets[0].state is Walked.NEVER


def test_a_street_on_the_border_belongs_to_both_grids(town: Town, today: date) -> None:
    border = street("border", (2.0, 1.0), (2.0, 2.0))
    saw(border, today, [(0, 100)])
    for grid in (5, 8):
        assert [found.state for found in grid_seen(town.grids[grid], today).streets] == [Walked.WALKED]


def test_a_street_that_comes_back_to_its_beginning_is_whole(town: Town, today: date) -> None:
    ring = street("ring", (1.4, 1.4), (1.6, 1.4), (1.6, 1.6), (1.4, 1.6), (1.4, 1.4))
    saw(ring, today, [(0, 100)])
    assert only(town, today).metres == pytest.approx(80, abs=1)


def test_metres_add_up_to_all(town: Town, inside: Street, today: date) -> None:
    other = street("other", (1.2, 1.2), (1.8, 1.2))
    street("third", (1.2, 1.8), (1.8, 1.8))
    saw(inside, today, [(0, 50)], [(50, 100)])
    saw(other, today, told=True)
    seen = grid_seen(town.grids[5], today)
    assert (seen.covered, seen.unknown, seen.not_covered) == pytest.approx((90, 30, 60), abs=1)
    assert [found.name for found in seen.of(Walked.NEVER)] == ["third"]


def test_railways_and_waters_are_no_streets(town: Town, today: date) -> None:
    street("rails", (1.2, 1.5), (1.8, 1.5), kind="rail")
    assert grid_seen(town.grids[5], today).streets == ()


def test_it_is_one_query(town: Town, inside: Street, today: date) -> None:
    with CaptureQueriesContext(connection) as captured:
        grid_seen(town.grids[5], today)
    assert len(captured) == 1


class TestTheApi:
    def test_a_grid_says_how_its_streets_stand(self, town: Town, inside: Street, as_person: Any, today: date) -> None:
        saw(inside, today, [(0, 100)])
        answer = as_person("alice").get(f"/api/v1/coverage/{town.grids[5].code}").json()
        assert answer["interval_days"] == 7
        (row,) = answer["streets"]
        assert (row["name"], row["state"], row["walked_on"]) == ("inside", "walked", today.isoformat())
        before = (today - timedelta(days=1)).isoformat()
        then = as_person("alice").get(f"/api/v1/coverage/{town.grids[5].code}?on={before}").json()
        assert then["streets"][0]["state"] == "never"

    def test_a_neighbours_grid_is_not_shown(self, town: Town, as_person: Any) -> None:
        assert as_person("alice").get(f"/api/v1/coverage/{town.grids[4].code}").status_code == 404
        assert as_person("paula").get(f"/api/v1/coverage/{town.grids[4].code}").status_code == 200

    @pytest.mark.parametrize(
        ("query", "status"), [("5", 404), ("150199001001005?on=x", 400), ("150199001001005?a=1", 400)]
    )
    def test_what_cannot_be_asked_is_refused(self, town: Town, as_person: Any, query: str, status: int) -> None:
        answer = as_person("alice").get(f"/api/v1/coverage/{query}")
        assert answer.status_code == status
        assert answer.json()["detail"]
