"""What was walked in many grids, against the same in plain Python, street by street and day by day."""

import itertools
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Checkpoint, Street
from patrols import grid_streets
from patrols.coverage import grid_seen
from patrols.coverage_summary import Summary, evenness, summaries
from patrols.models import Coverage, GridStreet, Patrol
from patrols.models.patrol import PatrolState
from patrols.standing import ENOUGH
from patrols.tracks.spans import length, union, within, without
from tests.patrols.walks import street
from tests.town import DISTRICT, FAR, NEAR, Town, at

Spans = tuple[tuple[int, int], ...]


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@dataclass
class Row:
    """A day of a street as it is stored."""

    street: Street
    day: date
    covered: Spans
    unknown: Spans
    told: bool


def in_python(pieces: list[GridStreet], rows: list[Row], since: date, until: date) -> dict[str, Any]:
    """Work a grid out the long way."""
    found: dict[str, Any] = {"metres": 0.0, "covered": 0.0, "told": 0.0, "unknown": 0.0, "gaps": [], "walks": []}
    for piece in pieces:
        mine = [row for row in rows if row.street.pk == piece.street_id]
        period = [row for row in mine if since <= row.day <= until]
        covered = union(span for row in period for span in within(row.covered, piece.stretch))
        unknown = without(union(span for row in period for span in within(row.unknown, piece.stretch)), covered)
        whole = length(piece.stretch)
        told = any(row.told for row in period)
        share = length(covered) / whole
        found["metres"] += piece.metres
        found["covered"] += piece.metres * (1 if told else share)
        found["told"] += piece.metres * (1 - share) if told else 0
        found["unknown"] += 0 if told else piece.metres * length(unknown) / whole
        walks = sorted(
            row.day for row in mine if row.told or length(within(row.covered, piece.stretch)) >= ENOUGH * whole
        )
        inside = [day for day in walks if since <= day <= until]
        found["gaps"] += [(later - earlier).days for earlier, later in itertools.pairwise(inside)]
        found["walks"] += [day for day in walks if day <= until]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_plain_python_says(town: Town, today: date, seed: int) -> None:
    rng = random.Random(seed)
    roads = [
        street("inside", (1.2, 1.5), (1.8, 1.5)),
        street("across", (0.2, 1.3), (2.8, 1.3)),
        street("border", (2.0, 1.0), (2.0, 2.0)),
        street("bent", (0.5, 0.5), (1.5, 0.6), (1.5, 2.4)),
    ]
    grid_streets.lay_stale()
    rows = []
    for road in roads:
        for ago in rng.sample(range(40), 12):
            cuts = sorted(rng.sample(range(101), 4))
            covered = ((cuts[0] * 10_000, cuts[1] * 10_000),)
            unknown = ((cuts[2] * 10_000, cuts[3] * 10_000),) if rng.random() < 0.4 else ()
            if rng.random() < 0.3:
                covered = ((0, 1_000_000),)
                unknown = ()
            rows.append(Row(road, today - timedelta(days=ago), covered, unknown, rng.random() < 0.1))
    Coverage.objects.bulk_create(
        Coverage(
            district=DISTRICT, street=row.street, day=row.day, covered=row.covered, unknown=row.unknown, told=row.told
        )
        for row in rows
    )
    grid_streets.lay(grid.pk for grid in town.grids.values())
    for since, until in ((today - timedelta(days=6), today), (today - timedelta(days=30), today - timedelta(days=10))):
        found = summaries((grid.pk for grid in town.grids.values()), since, until)
        for grid in town.grids.values():
            expected = in_python(list(GridStreet.objects.filter(grid=grid)), rows, since, until)
            one = found[grid.pk]
            for name in ("metres", "covered", "told", "unknown"):
                assert getattr(one, name) == pytest.approx(expected[name], abs=0.01), (grid.number, name)
            assert one.covered + one.unknown + one.not_covered == pytest.approx(one.metres)
            gaps = expected["gaps"]
            assert (one.revisit, one.revisits) == (statistics.median(gaps) if gaps else None, len(gaps))
            assert one.last_walk == max(expected["walks"], default=None)
            seen = grid_seen(grid, until)
            counts = [len(seen.of(state)) for state in ("walked", "due", "overdue", "unknown", "never")]  # type: ignore[arg-type]
            assert [one.walked, one.due, one.overdue, one.unclear, one.never] == counts
            assert one.streets == len(seen.streets)


def test_of_a_grid_without_any_record_nothing_is_known(town: Town, today: date) -> None:
    road = street("inside", (1.2, 1.5), (1.8, 1.5))
    grid_streets.lay_stale()
    (one,) = summaries([town.grids[5].pk], today, today).values()
    assert (one.recorded, one.share, one.never) == (False, None, 1)
    Coverage.objects.create(district=DISTRICT, street=road, day=today, unknown=((0, 1_000_000),))
    (one,) = summaries([town.grids[5].pk], today, today).values()
    assert (one.recorded, one.share, one.unclear) == (True, 0.0, 1)
    (empty,) = summaries([town.grids[1].pk], today, today).values()
    assert (empty.metres, empty.share, empty.streets) == (0, None, 0)


def test_checkpoints_and_patrols_are_those_of_the_grid_and_the_period(town: Town, today: date) -> None:
    far = Checkpoint.objects.get(pk=town.checkpoint.pk)
    far.pk, far.source_id, far.geom = None, "c2", at(1.2, 1.2)
    far.save()
    whole = ((0, 1_000_000),)
    Coverage.objects.create(district=DISTRICT, checkpoint=town.checkpoint, day=today, covered=whole)
    Coverage.objects.create(district=DISTRICT, checkpoint=far, day=today - timedelta(days=9), covered=whole)
    for ago, state in ((0, "measured"), (1, "ended"), (1, "planned"), (9, "measured")):
        begun = timezone.make_aware(datetime.combine(today - timedelta(days=ago), time(0, 30)))
        Patrol.objects.create(
            district=DISTRICT, person=town.bob, grid=town.grids[5], state=PatrolState(state), started_at=begun,
            ended_at=begun,
        )  # fmt: skip
    (one,) = summaries([town.grids[5].pk], today - timedelta(days=6), today).values()
    assert (one.checkpoints, one.passed, one.actual) == (2, 1, 2)


def test_it_is_one_query_for_many_grids(town: Town, today: date) -> None:
    street("across", (0.2, 1.3), (2.8, 1.3))
    grid_streets.lay_stale()
    with CaptureQueriesContext(connection) as captured:
        summaries((grid.pk for grid in town.grids.values()), today, today)
    assert len(captured) == 1
    assert summaries([], today, today) == {}


def test_unrecorded_grids_count_as_having_none_of_what_was_recorded() -> None:
    def one(grid: int, covered: float, *, recorded: bool) -> Summary:
        return Summary(grid, 100.0, covered, 0.0, 0.0, recorded, None, 0, None, 1, 0, 0, 0, 0, 1, 0, 0, 0)

    found = evenness(
        {1: one(1, 100, recorded=True), 2: one(2, 50, recorded=True), 3: one(3, 0, recorded=False)},
        {1: 10, 2: None, 3: 10},
    )
    assert (found.grids, found.unrecorded) == (3, 1)
    assert (found.per_street.least, found.per_street.median, found.per_street.most) == (0, 0.5, 1)
    assert found.per_household.count == 2
    assert found.per_household.gini is None


class TestTheApi:
    @pytest.fixture
    def walked(self, town: Town, today: date) -> Street:
        road = street("across", (0.2, 1.3), (2.8, 1.3))
        grid_streets.lay_stale()
        Coverage.objects.create(district=DISTRICT, street=road, day=today, covered=((0, 500_000),))
        return road

    @staticmethod
    def rows(client: Client, query: str = "") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = client.get(f"/api/v1/coverage{query}").json()["results"]
        return rows

    def test_one_reads_ones_grids_or_those_of_ones_region(
        self, town: Town, walked: Street, as_person: Callable[[str], Client]
    ) -> None:
        assert [row["grid"] for row in self.rows(as_person("alice"))] == [town.grids[5].code]
        assert len(self.rows(as_person("dora"))) == 9
        assert len(self.rows(as_person("paula"))) == 10
        assert len(self.rows(as_person("paula"), f"?region={FAR}")) == 1
        assert self.rows(as_person("dora"), f"?region={FAR}") == []
        assert self.rows(as_person("squad_member")) == []
        assert Client().get("/api/v1/coverage").status_code == 401

    def test_lengths_add_up_and_nobody_is_named(
        self, town: Town, walked: Street, as_person: Callable[[str], Client]
    ) -> None:
        answer = as_person("paula").get("/api/v1/coverage")
        rows = answer.json()["results"]
        for row in rows:
            assert row["covered"] + row["unknown"] + row["not_covered"] == pytest.approx(row["metres"])
        assert {row["grid"][-3:]: row["share"] for row in rows if row["metres"]} == {
            "002": pytest.approx(1), "005": pytest.approx(0.5, abs=0.05), "008": None,
        }  # fmt: skip
        text = answer.content.decode()
        assert all(str(person) not in text for person in (town.alice, town.bob))

    def test_pages_go_on_where_the_one_before_ended(
        self, town: Town, walked: Street, as_person: Callable[[str], Client]
    ) -> None:
        client = as_person("paula")
        first = client.get("/api/v1/coverage?limit=4").json()
        second = client.get(first["next"]).json()
        codes = [row["grid"] for page in (first, second) for row in page["results"]]
        assert len(set(codes)) == 8

    def test_evenness_is_for_who_sees_a_region_as_a_whole(
        self, town: Town, walked: Street, as_person: Callable[[str], Client]
    ) -> None:
        answer = as_person("dora").get(f"/api/v1/coverage/evenness?region={NEAR}").json()
        assert (answer["grids"], answer["unrecorded"], answer["per_street"]["count"]) == (9, 7, 3)
        assert as_person("alice").get("/api/v1/coverage/evenness").status_code == 404
        assert as_person("dora").get(f"/api/v1/coverage/evenness?region={FAR}").status_code == 404
        assert as_person("dora").get("/api/v1/coverage/evenness").json()["grids"] == 9

    @pytest.mark.parametrize(
        "query",
        ["since=2026-02-30", "since=2026-02-02&until=2026-02-01", "until=0001-01-01", "until=9999-12-31", "region=7",
         "since=2020-01-01&until=2022-01-01", "person=1"],
    )  # fmt: skip
    def test_what_cannot_be_asked_is_refused(self, town: Town, as_person: Callable[[str], Client], query: str) -> None:
        client = as_person("paula")
        for path in ("coverage", "coverage/evenness"):
            answer = client.get(f"/api/v1/{path}?{query}")
            assert answer.status_code in (400, 422), answer.content
        assert client.get(f"/api/v1/coverage/{town.grids[5].code}?on=0001-01-01").status_code in (400, 422)
