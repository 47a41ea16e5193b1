"""The tile of heat: the right counts for the right eyes, bounded in cells and bytes."""

import re
from datetime import date, datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from h3.api import basic_int as h3
from pytest_django import DjangoAssertNumQueries

from grids.composed import Composed
from grids.models import Category
from maps.cells import outlines
from maps.cells.asking import Asked, Window
from maps.cells.hexagons import BY_ZOOM, RESOLUTIONS, cell_at, parent, resolution_at, resolution_of
from maps.cells.reading import Years, years_of
from maps.models import CellCount
from maps.tiles.heat import heat_statement
from maps.tiles.layers import LAYERS
from patrols.workflow import OPEN_STATES, State
from tests.maps.cells.counting import begin, file_at, keep_up, move
from tests.maps.mvt import features
from tests.maps.test_tiles import address
from tests.town import FAR, LAT, LITTER, LON, PARKING, Town

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 5, 12, tzinfo=ZONE)


@pytest.fixture
def heat(town: Town) -> Town:
    """Three of litter at one place, in September, October and November, one of parking; one in the far community."""
    begin()
    for months in (0, 1, 2):
        file_at(1.5, 1.5, town.litter, NOON.replace(month=11 - months))
    move(file_at(1.5, 1.5, town.parking, NOON - timedelta(days=1)), State.CLOSED)
    file_at(9.5, 1.5, town.litter, NOON, region_code=FAR + "001")
    keep_up()
    return town


def cells(client: Client, query: str = "", z: int = 10) -> list[dict[str, Any]]:
    answer = client.get(f"/tiles/heat/{address(z)}.mvt{query}")
    assert answer.status_code in (200, 204), answer.content
    return [one.properties for one in features(answer.content).get("heat", [])]


def total(client: Client, query: str = "", z: int = 10) -> int:
    return sum(one["n"] for one in cells(client, query, z))


def test_everybody_sees_what_lies_in_their_regions(heat: Town, as_person: Any, client: Client) -> None:
    assert total(as_person("paula")) == 5
    assert total(as_person("dora")) == 4
    assert total(as_person("olaf")) == 1
    assert cells(as_person("alice")) == []  # who answers for a grid sees its reports, not a region's counts
    assert client.get(f"/tiles/heat/{address(10)}.mvt").status_code == 401


def test_a_cell_says_its_name_count_and_area(heat: Town, as_person: Any) -> None:
    for z in (9, 13, 16):
        [one] = [row for row in cells(as_person("dora"), z=z) if row["n"] == 4]
        cell = int(one["id"], 16)
        assert set(one) == {"id", "n", "ha"} <= set(LAYERS["heat"].fields)
        assert (len(one["id"]), resolution_of(cell)) == (15, resolution_at(z))
        assert one["ha"] == pytest.approx(h3.cell_area(cell, "m^2") / 10_000, rel=0.01)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("since=2026-11-05", 1),
        ("since=2026-11-04", 2),
        ("until=2026-11-04", 3),
        ("until=2026-10-05", 2),
        ("since=2026-10-01&until=2026-10-31", 1),
        ("since=2026-10-05&until=2026-11-04", 2),
        ("since=2026-10-06&until=2026-11-03", 0),
        ("since=2026-11-05&until=2026-11-05", 1),
        (f"category={LITTER}", 3),
        (f"category={LITTER},{PARKING}", 4),
        ("state=open", 3),
        ("state=closed", 1),
        ("state=closed,reported", 4),
        (f"state=open&category={PARKING}", 0),
        (f"state=closed&category={PARKING}&since=2026-11-04&until=2026-11-04", 1),
    ],
)
def test_filters(heat: Town, as_person: Any, query: str, count: int) -> None:
    assert total(as_person("dora"), f"?{query}") == count


def test_any_window_over_years_counts_its_days(town: Town, as_person: Any) -> None:
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1)]
    begin()
    for number, day in enumerate(days):
        # So many on each day that every window has a number of its own.
        for _again in range(2**number):
            file_at(1.5, 1.5, town.litter, NOON.replace(year=day.year, month=day.month, day=day.day))
    move(file_at(1.5, 1.5, town.litter, NOON.replace(year=2024, month=12, day=30)), State.CLOSED)
    keep_up()
    client, opened = as_person("dora"), {day: 2**number for number, day in enumerate(days)}
    everything = opened | {date(2024, 12, 30): 1}
    for since, until in combinations_with_replacement(sorted(everything)[1:], 2):
        there = {day for day in everything if since <= day <= until}
        assert total(client, f"?since={since}&until={until}") == sum(everything[day] for day in there)
        assert total(client, f"?since={since}&until={until}&state=open") == sum(opened.get(day, 0) for day in there)
    states = ",".join([*OPEN_STATES, State.CLOSED])
    assert total(client, f"?since=2024-12-30&until=2024-12-31&state={states}") == 9
    assert total(client, f"?since=2024-02-29&category={LITTER}") == 29
    assert total(client, f"?state=open&category={LITTER}") == total(client, "?state=open") == 31


def test_two_windows_stand_beside_each_other(heat: Town, as_person: Any) -> None:
    found = cells(as_person("dora"), "?since=2026-11-01&versus_since=2026-09-01&versus_until=2026-10-31")
    assert [(one["n"], one["was"]) for one in found] == [(2, 2)]
    # What there was and is no more is drawn as well.
    found = cells(as_person("dora"), "?since=2026-11-06&versus_until=2026-11-04")
    assert [(one["n"], one["was"]) for one in found] == [(0, 3)]


def test_a_category_counts_in_every_edition(heat: Town, as_person: Any) -> None:
    Category.objects.filter(code=LITTER).update(active=False)
    fields = {f.attname: getattr(heat.litter, f.attname) for f in Category._meta.concrete_fields if not f.primary_key}
    new = Category.objects.create(**{**fields, "version": "later", "active": True})
    file_at(1.5, 1.5, new, NOON)
    keep_up()
    assert total(as_person("dora"), f"?category={LITTER}") == 4


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("grid=1", "category, since, state, until, versus_since, versus_until"),
        ("since=yesterday", "2026-11-03"),
        ("since=2026-02-30", "2026-11-03"),
        ("since=2026-03-01&until=2026-02-01", "since"),
        ("versus_since=2026-03-01&versus_until=2026-02-01", "versus_since"),
        ("category=99999", "99999"),
        ("category=" + ",".join(["06010"] * 51), "50"),
        ("state=lost", "open, reported"),
        ("state=open%00", "state"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(town: Town, as_person: Any, query: str, said: str) -> None:
    answer = as_person("dora").get(f"/tiles/heat/{address(10)}.mvt?{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_a_tile_says_how_old_its_counts_are_and_belongs_to_its_reader(
    heat: Town, as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person("dora")
    path = f"/tiles/heat/{address(10)}.mvt?since=2026-10-05&versus_until=2026-10-04"
    with django_assert_num_queries(4):  # session, person, reach, tile
        answer = client.get(path)
    age = datetime.now(ZONE) - datetime.fromisoformat(answer["Gridwarden-As-Of"])
    assert age < timedelta(minutes=5)
    assert answer["Cache-Control"].startswith("private")
    assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get("/tiles/heat/3/9/9.mvt").status_code == 404


def test_no_tile_of_a_dense_city_is_too_large(town: Town, as_person: Any) -> None:
    """Every smallest cell of 7 km around has something: more than any tile may show."""
    begin()
    middle = cell_at(LON, LAT)
    for zoom in (9, 12, 13, 15):
        size = resolution_at(zoom)
        ring = h3.grid_disk(parent(middle, size), 25)
        CellCount.objects.all().delete()
        common = {"district": "150199", "region_code": "150199001001", "category": 0, "state": 0, "year": 0}
        CellCount.objects.bulk_create(CellCount(cell=cell, count=1 + cell % 97, **common) for cell in ring)
        outlines.draw_new(outlines.EVERYWHERE.format(counts="maps_cellcount"))
        answer = as_person("paula").get(f"/tiles/heat/{address(zoom)}.mvt?versus_since=2026-01-01")
        found = features(answer.content)["heat"]
        assert 150 < len(found) <= LAYERS["heat"].most <= 1_500
        assert len(answer.content) <= 50_000


def test_the_index_leads_to_the_cells_of_one_size(town: Town) -> None:
    """Of another size there are many times as many in the same place."""
    statement = heat_statement(town.scope("paula"), Asked(), 900)
    assert statement
    explained = Composed(f"explain {statement.sql}", statement.values)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    plan = "\n".join(line for (line,) in explained.rows({"z": 12, "x": 1, "y": 1}))
    assert re.search(r"Index Cond: \(\(resolution = '9'::smallint\) AND \(geom && ", plan)


def test_a_zoom_has_few_enough_cells_at_the_equator() -> None:
    world = 4 * 3.141593**2 * 6378.137**2
    for zoom, size in enumerate(BY_ZOOM):
        on_tile = world / 4**zoom / h3.average_hexagon_area(size, "km^2")
        assert min(on_tile, h3.get_num_cells(size)) <= 1_200
    assert set(BY_ZOOM) <= set(RESOLUTIONS)


def test_years_of_windows() -> None:
    assert years_of(Window()) == Years(1, 32_767)
    assert years_of(Window(date(2026, 1, 1), date(2026, 12, 31))) == Years(2026, 2026)
    assert years_of(Window(date(2026, 11, 1), date(2026, 11, 30))) == Years(2026, 2026, 305, 334)
    assert years_of(Window(date(2024, 12, 31), date(2026, 2, 28))) == Years(2024, 2026, 366, 59)
    assert years_of(Window(None, date(2024, 12, 30))) == Years(1, 2024, 1, 365)
    assert years_of(Window(date(2026, 11, 1), None)) == Years(2026, 32_767, 305)
