"""The tile of hotspots: the places of one run, for the planners of its region."""

from typing import Any
from uuid import UUID, uuid4

import h3
import pytest
from django.contrib.gis.geos import Polygon
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids.models import Membership, Region
from grids.models.base import from_today
from maps.models import HotspotCell, HotspotRun
from maps.tiles.layers import LAYERS
from tests.maps.mvt import features
from tests.maps.test_tiles import address
from tests.town import DISTRICT, NEAR, Town, at


@pytest.fixture
def run(town: Town) -> HotspotRun:
    """A run with a hot hexagon in the middle and one beside that nobody walked."""
    run = HotspotRun.objects.create(
        district=DISTRICT,
        region_code=NEAR,
        since="2026-01-01",
        until="2026-01-31",
        resolution=10,
        code_version="1",
        made_by=town.paula,
        finished_at=timezone.now(),
    )
    place = at(1.5, 1.5)
    middle = h3.latlng_to_cell(place.y, place.x, 10)
    beside = next(cell for cell in h3.grid_disk(middle, 1) if cell != middle)
    known = {"bin": 3, "count": 12, "emerging": "new", "ratio": 2.5, "rate": 1.23456, "walked_m": 4000}
    unknown = {"count": 1, "emerging": "unknown", "effort_known": False, "tested": False, "walked_m": 0}
    for rank, (cell, more) in enumerate(((middle, known), (beside, unknown)), start=1):
        ring = [(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]
        outline = Polygon([*ring, ring[0]], srid=4326)
        HotspotCell.objects.create(run=run, rank=rank, cell=h3.str_to_int(cell), geom=outline, **more)
    return run


def tile(client: Client, run: UUID, z: int = 16) -> Any:
    return client.get(f"/tiles/hotspots/{address(z)}.mvt?run={run}")


def test_the_places_of_a_run_are_drawn_with_their_classes(
    run: HotspotRun, as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person("paula")
    tile(client, run.pk, 15)
    # Session, person, reach, and the tile: whether the run may be seen is found out once a zoom.
    with django_assert_num_queries(4):
        answer = tile(client, run.pk, 15)
    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("private")
    hot, unknown = sorted(
        (row.properties for row in features(answer.content)["hotspots"]), key=lambda row: -row["class"]
    )
    assert set(hot) == set(LAYERS["hotspots"].fields)
    assert (hot["class"], hot["n"], hot["effort"], hot["emerging"]) == (3, 12, "known", "new")
    assert (hot["ratio"], hot["rate"]) == (2.5, 1.235)
    assert (unknown["class"], unknown["effort"], unknown["tested"], unknown["n"]) == (0, "unknown", False, 1)
    assert "ratio" not in unknown
    assert hot["id"] == run.cells.get(rank=1).pk


def test_a_run_of_elsewhere_and_one_that_is_none_are_not_there(run: HotspotRun, town: Town, as_person: Any) -> None:
    assert tile(Client(), run.pk).status_code == 401
    for other in ("dora", "alice", "charlie", "olaf"):
        assert tile(as_person(other), run.pk).status_code == 404
    assert tile(as_person("paula"), uuid4()).status_code == 404
    Membership.objects.create(
        person=town.dora, role="planner", region=Region.objects.get(code=NEAR), period=from_today()
    )
    assert tile(as_person("dora"), run.pk).status_code == 200
    Membership.objects.filter(person=town.dora, role="planner").delete()
    assert tile(as_person("dora"), run.pk).status_code == 404


@pytest.mark.parametrize("query", ["", "?run=", "?run=7", "?run=%00"])
def test_without_a_run_one_sentence_says_so(town: Town, as_person: Any, query: str) -> None:
    client = as_person("paula")
    answer = client.get(f"/tiles/hotspots/{address(16)}.mvt{query}")
    assert answer.status_code == 400
    assert "run=" in answer.json()["detail"]
