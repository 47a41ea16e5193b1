"""Words for a place on the map: its grid, what stands there, and the stairwells one may mean."""

from typing import Any, TypeVar

from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from grids.models import Building, Grid, Place, Stairwell, Street
from grids.models.places import NO_STREETS, BuildingKind

M = TypeVar("M", Building, Street)
NEAR_DEGREES = 0.0006  # about 60 m: the box in which a building or street is still a fair name for a place


def describe(point: Point) -> dict[str, Any]:
    """Return the grid, a name in words and the stairwells near a point in EPSG:4326, in five queries at most."""
    grid = Grid.covering(point).first()
    building = _nearest(Building.objects.exclude(kind=BuildingKind.GATE).exclude(name=""), point)
    return {
        "grid": {"id": grid.pk, "code": grid.code, "name": grid.local_name} if grid else None,
        "place": _words(point, building),
        "stairwells": [{"id": row.pk, "label": row.label} for row in _stairwells(building)],
    }


def _words(point: Point, building: Building | None) -> str:
    if building and building.geom.covers(point):
        return f"{building.estate}{building.local_name}"
    street = _nearest(Street.objects.exclude(name="").exclude(kind__in=NO_STREETS), point)
    if building and (street is None or building.geom.distance(point) <= street.geom.distance(point)):
        return _("beside %(name)s") % {"name": f"{building.estate}{building.local_name}"}
    if street:
        return street.local_name
    around = Place.objects.filter(geom__covers=point).exclude(name="").order_by("pk").first()
    return around.local_name if around else ""


def _nearest(rows: QuerySet[M], point: Point) -> M | None:
    box = point.buffer(NEAR_DEGREES).envelope
    return rows.filter(geom__bboverlaps=box).order_by(GeometryDistance("geom", point)).first()


def _stairwells(building: Building | None) -> list[Stairwell]:
    return list(Stairwell.objects.filter(building=building).order_by("label")) if building else []
