"""The demo city's places as rows."""

from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from fixtures.city.model import City
from grids.models import (
    Building,
    Checkpoint,
    CheckpointType,
    Designation,
    Grid,
    Organisation,
    Place,
    Region,
    Stairwell,
    Street,
)

SOURCE = "demo"


def geos(geometry: shapely.Geometry) -> Any:
    """Return a geometry of the generator as the ORM wants it, in EPSG:4326 and of the same type."""
    return GEOSGeometry(memoryview(shapely.to_wkb(geometry)), srid=4326)


def multi(geometry: shapely.Geometry) -> MultiPolygon:
    """Return an area as a MultiPolygon."""
    found = geos(geometry)
    return found if isinstance(found, MultiPolygon) else MultiPolygon(found, srid=4326)


def load_places(city: City, since: DateRange) -> None:
    """Write regions, streets, buildings, stairwells, names, grids, checkpoints and bodies."""
    regions = _load_regions(city, since)
    Street.objects.bulk_create(
        Street(
            source=SOURCE,
            source_id=row.source_id,
            name=row.name,
            name_en=row.name_en,
            kind=row.kind,
            geom=geos(row.geom),
        )
        for row in city.streets
    )
    buildings = Building.objects.bulk_create(
        Building(
            source=SOURCE,
            source_id=row.source_id,
            name=row.name,
            kind=row.kind,
            households=row.households,
            floors=row.floors,
            estate=row.estate,
            region=regions[row.community],
            geom=geos(row.geom),
        )
        for row in city.buildings
    )
    by_source = {row.source_id: row for row in buildings}
    Stairwell.objects.bulk_create(
        Stairwell(
            source=SOURCE,
            source_id=row.source_id,
            building=by_source[row.building],
            label=row.label,
            households=row.households,
            geom=geos(row.geom),
        )
        for row in city.stairwells
    )
    Place.objects.bulk_create(
        Place(
            source=SOURCE,
            source_id=row.source_id,
            name=row.name,
            name_en=row.name_en,
            aliases=list(row.aliases),
            kind=row.kind,
            geom=geos(row.geom),
        )
        for row in city.places
    )
    _load_grids(city, regions, since)
    _load_checkpoints(city, regions, since)
    _load_organisations(city, regions, since)


def designate(city: City, since: DateRange, planner: int) -> None:
    """Put the zero-deduction checkpoints on their list."""
    chosen = [row.source_id for row in city.checkpoints if row.zero_deduction]
    points = Checkpoint.objects.filter(source=SOURCE, source_id__in=chosen)
    Designation.objects.bulk_create(
        Designation(checkpoint=point, designated_by_id=planner, period=since) for point in points
    )


def _load_regions(city: City, since: DateRange) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    parents = {"district": 0, "subdistrict": 6, "community": 9}
    for row in sorted(city.regions, key=lambda region: len(region.code)):
        regions[row.code] = Region.objects.create(
            source=SOURCE,
            source_id=row.code,
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            level=row.level,
            parent=regions.get(row.code[: parents[row.level]]),
            geom=multi(row.geom),
            period=since,
        )
    return regions


def _load_grids(city: City, regions: dict[str, Region], since: DateRange) -> None:
    Grid.objects.bulk_create(
        Grid(
            code=row.code,
            name=row.name,
            region=regions[row.community],
            households=row.households,
            geom=geos(row.geom),
            period=since,
        )
        for row in city.grids
    )


def _load_checkpoints(city: City, regions: dict[str, Region], since: DateRange) -> None:
    types = {row.code: row for row in CheckpointType.objects.all()}
    Checkpoint.objects.bulk_create(
        Checkpoint(
            source=SOURCE,
            source_id=row.source_id,
            name=row.name,
            type=types[row.type],
            region=regions[row.grid[:12]],
            geom=geos(row.geom),
            period=since,
        )
        for row in city.checkpoints
    )


def _load_organisations(city: City, regions: dict[str, Region], since: DateRange) -> None:
    smallest_first = sorted(city.regions, key=lambda region: -len(region.code))
    slack = 1e-6  # degrees, about 0.1 m: jurisdictions were rounded like everything else
    for row in city.organisations:
        home = next(region for region in smallest_first if region.geom.buffer(slack).covers(row.jurisdiction))
        Organisation.objects.create(
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            kind=row.kind,
            region=regions[home.code],
            jurisdiction=multi(row.jurisdiction),
            period=since,
        )


def long_ago() -> DateRange:
    """Return the period since when the demo city stands as it is: two years before today."""
    today = timezone.localdate()
    return DateRange(today.replace(year=today.year - 2, day=1), None)
