"""The streets of grids laid out beforehand agree with what is computed from geometry and history."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grids.models import Street
from patrols import grid_streets
from patrols.coverage import grid_seen
from patrols.folding import fold, lock_days
from patrols.models import Coverage, GridStreet, Patrol, Sight
from patrols.models.patrol import PatrolState
from tests.patrols.walks import street
from tests.town import DISTRICT, Town, at


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def laid(town: Town, number: int = 5) -> dict[str, tuple[date | None, date | None, float]]:
    rows = GridStreet.objects.filter(grid=town.grids[number]).select_related("street")
    return {row.street.name: (row.walked_on, row.told_on, round(row.metres, 3)) for row in rows}


def computed(town: Town, today: date, number: int = 5) -> dict[str, tuple[date | None, date | None, float]]:
    seen = grid_seen(town.grids[number], today).streets
    return {row.name: (row.walked_on, row.told_on, round(row.metres, 3)) for row in seen}


def patrol(town: Town, day: date) -> Patrol:
    begun = timezone.now() - timedelta(days=(timezone.localdate() - day).days, hours=1)
    return Patrol.objects.create(
        district=DISTRICT, person=town.bob, state=PatrolState.MEASURED, started_at=begun, ended_at=begun
    )


def test_what_is_laid_out_is_what_grids_and_streets_say(town: Town, today: date) -> None:
    street("inside", (1.2, 1.5), (1.8, 1.5))
    street("across", (0.2, 1.3), (2.8, 1.3))
    street("border", (2.0, 1.0), (2.0, 2.0))
    street("rails", (1.2, 1.7), (1.8, 1.7), kind="rail")
    assert grid_streets.lay_stale() == len(GridStreet.objects.all())
    for number in town.grids:
        assert laid(town, number) == computed(town, today, number)
    assert set(laid(town)) == {"inside", "across", "border"}
    assert set(laid(town, 8)) == {"across", "border"}


def test_a_street_that_only_reaches_over_the_border_is_none_of_the_grid(town: Town, today: date) -> None:
    street("stub", (0.2, 1.5), (1.1, 1.5))
    street("whole", (1.02, 1.4), (1.18, 1.4))
    grid_streets.lay_stale()
    assert set(laid(town)) == set(computed(town, today)) == {"whole"}


def test_another_ground_is_laid_out_anew_and_nothing_else_is(town: Town) -> None:
    road = street("inside", (1.2, 1.5), (1.8, 1.5))
    assert grid_streets.lay_stale() == 1
    assert grid_streets.stale() == []
    assert grid_streets.lay_stale() == 0
    road.geom = LineString(at(1.2, 1.5).coords, at(1.5, 1.5).coords, srid=4326)
    road.save()
    assert grid_streets.stale() == [town.grids[5].pk]
    grid_streets.lay_stale()
    assert laid(town)["inside"][2] == pytest.approx(30, abs=1)
    road.kind = "rail"
    road.save()
    grid_streets.lay_stale()
    assert laid(town) == {}
    Street.objects.all().delete()
    assert grid_streets.stale() == [town.grids[5].pk]


def test_a_grid_that_is_over_is_left_as_it_was(town: Town, today: date) -> None:
    street("inside", (1.2, 1.5), (1.8, 1.5))
    grid_streets.lay_stale()
    grid = town.grids[5]
    grid.period = type(grid.period)(grid.period.lower, today)
    grid.save()
    assert grid_streets.stale() == []
    assert set(laid(town)) == {"inside"}


def test_history_is_read_when_a_grid_is_laid_out(town: Town, today: date) -> None:
    road = street("inside", (1.2, 1.5), (1.8, 1.5))
    for ago, covered in ((9, ((0, 1_000_000),)), (3, ((0, 100_000),))):
        Coverage.objects.create(district=DISTRICT, street=road, day=today - timedelta(days=ago), covered=covered)
    grid_streets.lay_stale()
    assert laid(town)["inside"][0] == today - timedelta(days=9)


SIGHTS = st.lists(
    st.tuples(
        st.integers(0, 2),  # which street
        st.integers(0, 9),  # how many days ago
        st.tuples(st.integers(0, 9), st.integers(1, 10)).map(lambda ends: (ends[0], max(ends[0] + 1, ends[1]))),
        st.booleans(),  # told
        st.booleans(),  # gone again later
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
@given(sights=SIGHTS)
def test_folding_moves_the_last_walks_on_as_if_all_were_laid_out_anew(
    town: Town, today: date, sights: list[tuple[int, int, tuple[int, int], bool, bool]]
) -> None:
    for model in (Sight, Coverage, GridStreet, Street):
        model._default_manager.all().delete()
    roads = [
        street("inside", (1.2, 1.5), (1.8, 1.5)),
        street("across", (0.2, 1.3), (2.8, 1.3)),
        street("border", (2.0, 1.0), (2.0, 2.0)),
    ]
    grid_streets.lay(grid.pk for grid in town.grids.values())
    walks = {ago: patrol(town, today - timedelta(days=ago)) for ago in range(10)}
    seen: list[tuple[Sight, bool]] = []
    for road, ago, (low, high), told, gone in sights:
        sight = Sight(
            patrol=None,
            district=DISTRICT,
            day=today - timedelta(days=ago),
            street=roads[road],
            covered=() if told else ((low * 100_000, high * 100_000),),
            told=told,
        )
        sight.save()
        _fold(sight)
        seen.append((sight, gone))
        assert laid(town) == computed(town, today)
    for sight, gone in seen:
        if gone:
            sight.delete()
            _fold(sight)
    for number in (2, 5, 8):
        assert laid(town, number) == computed(town, today, number)
    assert walks


def _fold(sight: Sight) -> None:
    lock_days(DISTRICT, [sight.day])
    fold(DISTRICT, [sight])


def test_folding_costs_the_same_queries_whatever_the_city(town: Town, today: date) -> None:
    roads = [street(f"s{turn}", (1.2, 1.1 + turn / 20), (1.8, 1.1 + turn / 20)) for turn in range(8)]
    grid_streets.lay_stale()

    def queries(count: int) -> int:
        sights: list[Any] = [
            Sight(district=DISTRICT, day=today, street=road, covered=((0, 1_000_000),)) for road in roads[:count]
        ]
        Sight.objects.bulk_create(sights)
        with CaptureQueriesContext(connection) as captured:
            fold(DISTRICT, sights)
        return len(captured)

    assert queries(1) == queries(8) == 3
    assert {walked for walked, _told, _metres in laid(town).values()} == {today}
