"""A tile as one SQL statement: the ORM composes and binds the rows, PostGIS writes the bytes."""

from dataclasses import dataclass
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import Polygon
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, F, Func, QuerySet
from django.db.models.expressions import Combinable

EXTENT = 4096
BUFFER = 64
HALF_WORLD = 20037508.342789244  # half the circumference of the Web Mercator square in metres, EPSG:3857


class Epoch(Func):
    """A moment as whole seconds since 1970."""

    template = "floor(extract(epoch from %(expressions)s))::bigint"
    output_field = BigIntegerField()


class TileGeometry(Func):
    """A geometry in the integer coordinates of a tile, clipped to its buffer; null outside."""

    template = (
        f"ST_AsMVTGeom(ST_Transform(%(expressions)s, 3857),"
        f" ST_TileEnvelope(%(z)s, %(x)s, %(y)s), {EXTENT}, {BUFFER}, true)"
    )
    output_field = GeometryField(srid=3857)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's address; make it with `Tile.at`, which refuses what does not exist."""

    z: int
    x: int
    y: int

    @classmethod
    def at(cls, z: int, x: int, y: int) -> "Tile | None":
        """Return the tile, or None when the address lies outside of the world or is deeper than zoom 22."""
        return cls(z, x, y) if 0 <= z <= 22 and 0 <= x < 2**z and 0 <= y < 2**z else None

    def envelope(self) -> Polygon:
        """Return the tile with its buffer in EPSG:4326, transformed once so that the column's index serves."""
        size = 2 * HALF_WORLD / 2**self.z
        margin = size * BUFFER / EXTENT
        west, north = self.x * size - HALF_WORLD, HALF_WORLD - self.y * size
        low, high = -HALF_WORLD, HALF_WORLD
        corners = (west - margin, north - size - margin, west + size + margin, north + margin)
        box = Polygon.from_bbox(tuple(min(high, max(low, value)) for value in corners))
        box.srid = 3857
        box.transform(4326)
        return box


@dataclass(frozen=True, slots=True)
class TileBytes:
    """A tile as written, and how many features it has (features outside after clipping included)."""

    data: bytes
    features: int


def write_tile(
    name: str, tile: Tile, rows: QuerySet[Any], geometry: str, columns: dict[str, Combinable], most: int
) -> TileBytes:
    """Return the Mapbox vector tile of one layer.

    At most `most` features are drawn; the caller says so when that many came.
    """
    shape = TileGeometry(F(geometry), z=tile.z, x=tile.x, y=tile.y)
    picked = rows.filter(**{f"{geometry}__bboverlaps": tile.envelope()}).order_by()
    aliases = {f"t_{key}": value for key, value in columns.items()}
    inner = picked.annotate(**aliases, t_mvt=shape).values_list("t_mvt", *aliases)[:most]
    try:
        sql, parameters = inner.query.sql_with_params()
    except EmptyResultSet:  # the ORM sees that no row can match, as for somebody who may see nothing
        return TileBytes(b"", 0)
    names = ", ".join(f"t_{key} as {connection.ops.quote_name(key)}" for key in columns)
    # Only names from the registry enter the text; every value is bound by the ORM.
    statement = (
        f"select ST_AsMVT(tile, %s, {EXTENT}, 'mvt'), count(*) from"  # noqa: S608
        f" (select t_mvt as mvt, {names} from ({sql}) as picked) as tile"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [name, *parameters])
        data, features = cursor.fetchone()
    return TileBytes(bytes(data) if features else b"", features)
