"""What the database itself refuses, whoever writes to it."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import DataError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model

from grids.models import Assignment, Building, Checkpoint, Designation, Grid, GridLineage, Membership, Region, Stairwell
from patrols.models import Report
from tests.town import DISTRICT, NEAR, Town, at, box

BOW_TIE = GEOSGeometry("SRID=4326;POLYGON((111 40, 112 41, 112 40, 111 41, 111 40))")
LATER = DateRange(date(2040, 1, 1), date(2041, 1, 1))


def refused(write: Callable[[], object], constraint: str) -> None:
    with pytest.raises((IntegrityError, DataError)) as error, transaction.atomic():
        write()
    assert constraint in str(error.value)


def test_an_invalid_outline_is_refused(town: Town) -> None:
    refused(lambda: Building.objects.create(source_id="x", geom=BOW_TIE), "building_geom_valid")
    refused(lambda: Building.objects.create(source_id="x", geom=at(1, 1)), "building_is_area")


def test_a_thing_of_a_source_is_stored_once(town: Town) -> None:
    Building.objects.create(source="osm", source_id="way/1", geom=box(0, 0, 1, 1))
    Building.objects.create(source="city", source_id="way/1", geom=box(0, 0, 1, 1))
    refused(lambda: Building.objects.create(source="osm", source_id="way/1", geom=box(0, 0, 1, 1)), "building_source")


def test_a_region_s_code_fits_its_level(town: Town) -> None:
    area = MultiPolygon(box(0, 0, 1, 1), srid=4326)
    refused(
        lambda: Region.objects.create(code="1501", level="district", source_id="x", geom=area), "region_code_fits_level"
    )
    refused(lambda: Region.objects.create(code=DISTRICT, level="district", source_id="x", geom=area), "region_once")


def test_a_grid_s_code_holds_for_one_grid_at_a_time(town: Town) -> None:
    grid = town.grids[5]
    copy = {"code": grid.code, "name": "x", "region": grid.region, "geom": grid.geom}
    refused(lambda: Grid.objects.create(**copy), "grid_once_at_a_time")
    refused(lambda: Grid.objects.create(**{**copy, "code": "12"}), "grid_code_has_15_digits")
    Grid.objects.filter(pk=grid.pk).update(period=DateRange(date(2020, 1, 1), date(2021, 1, 1)))
    Grid.objects.create(**copy)


def test_a_place_has_one_owner_at_a_time_and_many_members(town: Town) -> None:
    grid = town.grids[5]
    refused(
        lambda: Assignment.objects.create(person=town.bob, grid=grid, role="owner"),
        "assignment_grid_owner_once_at_a_time",
    )
    Assignment.objects.create(person=town.paula, grid=grid, role="member")
    Assignment.objects.filter(role="owner", grid=grid).update(period=DateRange(date(2020, 1, 1), date(2040, 1, 1)))
    Assignment.objects.create(person=town.bob, grid=grid, role="owner", period=LATER)


def test_an_assignment_has_one_holder_and_one_place(town: Town) -> None:
    grid, point = town.grids[1], town.checkpoint
    refused(
        lambda: Assignment.objects.create(person=town.bob, organisation=town.squad, grid=grid, role="member"),
        "assignment_one_holder",
    )
    refused(
        lambda: Assignment.objects.create(person=town.bob, grid=grid, checkpoint=point, role="member"),
        "assignment_one_place",
    )
    refused(lambda: Assignment.objects.create(person=town.bob, role="member"), "assignment_one_place")


def test_staff_belong_to_a_body(town: Town) -> None:
    refused(
        lambda: Membership.objects.create(person=town.bob, role="staff", region=town.grids[1].region),
        "membership_staff_has_organisation",
    )


def test_a_checkpoint_is_designated_once_at_a_time(town: Town) -> None:
    Designation.objects.create(checkpoint=town.checkpoint, designated_by=town.paula)
    refused(lambda: Designation.objects.create(checkpoint=town.checkpoint), "designation_once_at_a_time")


def test_a_lineage_moves_a_share(town: Town) -> None:
    old, new = town.grids[1], town.grids[2]
    refused(lambda: GridLineage.objects.create(old=old, new=new, share=1.5), "lineage_share")
    refused(lambda: GridLineage.objects.create(old=old, new=old, share=1), "lineage_moves")


def test_a_report_s_state_and_district_are_known(town: Town) -> None:
    def write(**more: object) -> Report:
        now = "2026-03-02T10:00:00Z"
        base = {
            "district": DISTRICT,
            "region_code": f"{NEAR}001",
            "number": "n",
            "public_number": "p",
            "category": town.litter,
            "geom": at(1, 1),
            "anchor": at(1, 1),
            "occurred_at": now,
            "recorded_at": now,
            "changed_at": now,
            "waiting_since": now,
        }
        return Report.objects.create(**{**base, **more})

    refused(lambda: write(state="lost"), "report_state_known")
    refused(lambda: write(district="north"), "report_district_digits")
    write()
    refused(write, "report_number")
    refused(lambda: write(number="m"), "report_public_number")


@pytest.mark.parametrize("model", [Region, Grid, Building, Checkpoint, Stairwell, Report])
def test_every_geometry_is_indexed(model: type[Model], db: None) -> None:
    table = model._meta.db_table
    columns = {field.column for field in model._meta.fields if hasattr(field, "geom_type")} - (
        {"geom"} if model is Report else set()
    )
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where tablename = %s and indexdef like '%%gist%%'", [table])
        definitions = " ".join(definition for (definition,) in cursor.fetchall())
    assert columns
    assert all(f"({column})" in definitions for column in columns)


def test_events_and_fixes_are_partitioned_from_their_first_day(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select relname from pg_class where relkind = 'p' order by relname")
        assert [name for (name,) in cursor.fetchall()] == ["patrols_event", "patrols_fix"]
