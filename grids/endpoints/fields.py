"""What the lists of places and people share: days, boxes, outlines, and the filters that go with them."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from grids.boxes import read_box
from grids.expressions import ForcePolygonCCW
from grids.rest import ANY_ID, Input, Query

DIGITS = 7  # of a degree: 1 cm
GEOMETRY = {
    "type": "object",
    "description": "A geometry of GeoJSON (RFC 7946): longitude and latitude in degrees, WGS-84.",
    "properties": {"type": {"type": "string"}, "coordinates": {"type": "array"}},
    "required": ["type", "coordinates"],
}


@extend_schema_field(GEOMETRY)
class GeometryField(serializers.Field[Any, Any, Any, Any]):
    """A geometry as PostGIS wrote it; absent where it was not asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(source="geojson", required=False, **options)

    def to_representation(self, value: str) -> Any:
        """Return the parsed text."""
        return json.loads(value)


class BoxField(serializers.CharField):
    """A box in an address."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=200, help_text="west,south,east,north in degrees, WGS-84.")

    def to_internal_value(self, data: str) -> Polygon | None:  # type: ignore[override]
        """Return the box; raises Problem (400)."""
        return read_box(super().to_internal_value(data))


class IdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": ANY_ID, "required": False, **options})


class RegionField(serializers.RegexField):
    """The code of a region: whatever lies within."""

    def __init__(self, **options: Any) -> None:
        help_text = "The code of a region, 6, 9 or 12 digits: it or whatever lies within."
        super().__init__(r"^[0-9]{6}([0-9]{3}){0,2}$", **{"required": False, "help_text": help_text, **options})


class DatedQuery(Query):
    """A list of what holds on a day."""

    on = serializers.DateField(required=False, help_text="What held or will hold on this day; today without it.")


class PlaceQuery(Query):
    """A list of places."""

    bbox = BoxField()
    geometry = serializers.BooleanField(default=False, help_text="Whether each row carries its geometry.")


class DatedPlaceQuery(PlaceQuery, DatedQuery):
    """A list of places that hold on a day."""


class DatedShape(serializers.Serializer[Any]):
    """The days on which a row holds."""

    since = serializers.SerializerMethodField(help_text="The first day; null if always.")
    last_day = serializers.SerializerMethodField(help_text="The last day, itself included; null while it is open.")

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_since(self, row: Any) -> str | None:
        """Return the first day; none also for what was called off before it began."""
        return row.period.lower.isoformat() if row.period.lower else None

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_last_day(self, row: Any) -> str | None:
        """Return the last day."""
        return last_day_of(row.period)


class EndInput(Input):
    """When something ends."""

    last_day = serializers.DateField(help_text="The last day on which it holds.")


def last_day_of(period: DateRange) -> str | None:
    """Return the last day of a period as text."""
    return (period.upper - timedelta(days=1)).isoformat() if period.upper else None


def on_day(rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
    """Keep what holds on the day that was asked for."""
    return rows.filter(period__contains=asked.get("on") or timezone.localdate())


def placed(rows: QuerySet[Any], asked: dict[str, Any], column: str = "geom") -> QuerySet[Any]:
    """Keep what meets the box that was asked for, with its geometry only if that was asked for too."""
    if asked.get("bbox"):
        rows = rows.filter(**{f"{column}__intersects": asked["bbox"]})
    rows = rows.defer(column)
    return outlined(rows, column) if asked["geometry"] else rows


def outlined(rows: QuerySet[Any], column: str = "geom") -> QuerySet[Any]:
    """Let PostGIS write each row's geometry as GeoJSON, outer rings counter-clockwise."""
    drawn: QuerySet[Any] = rows.defer(column).annotate(geojson=AsGeoJSON(ForcePolygonCCW(F(column)), precision=DIGITS))
    return drawn


def chosen(rows: QuerySet[Any], asked: dict[str, Any], **columns: str) -> QuerySet[Any]:
    """Keep what has the values asked for; `columns` names the lookup that each filter stands for."""
    return rows.filter(**{lookup: asked[name] for name, lookup in columns.items() if asked.get(name) is not None})
