"""A tile as one SQL statement: the ORM composes the rows, PostGIS writes the bytes."""

from dataclasses import dataclass
from datetime import datetime
from math import atan, degrees, pi, sinh
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, F, FloatField, Func, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable

from grids.composed import Composed, Parameter

EXTENT = 4096
BUFFER = 64
SIDES = ("west", "south", "east", "north")


class Epoch(Func):
    """A moment as whole seconds since 1970."""

    template = "floor(extract(epoch from %(expressions)s))::bigint"
    output_field = BigIntegerField()


class TileGeometry(Func):
    """A geometry, a tile's zoom, column and row: its integer coordinates in the tile, clipped; null outside."""

    template = f"ST_AsMVTGeom(%(expressions)s, {EXTENT}, {BUFFER}, true)"
    output_field = GeometryField(srid=3857)

    def __init__(self, geometry: str) -> None:
        address = [Parameter(name, IntegerField()) for name in ("z", "x", "y")]
        mercator = Func(F(geometry), Value(3857), function="ST_Transform", output_field=GeometryField(srid=3857))
        envelope = Func(*address, function="ST_TileEnvelope", output_field=GeometryField(srid=3857))
        super().__init__(mercator, envelope)


class TileBounds(Func):
    """The tile with its buffer in EPSG:4326."""

    function = "ST_MakeEnvelope"
    output_field = GeometryField(srid=4326)

    def __init__(self) -> None:
        super().__init__(*(Parameter(side, FloatField()) for side in SIDES), Value(4326))


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

    def bounds(self) -> dict[str, float]:
        """Return the tile's sides with its buffer, west to north in degrees, within the Web Mercator square.

        By the inverse of the spherical Mercator projection (EPSG:3857): latitude = atan(sinh(y)), both in radians.
        """
        size, margin = 2 / 2**self.z, 2 / 2**self.z * BUFFER / EXTENT
        west, north = self.x * size - 1, 1 - self.y * size
        shares = (west - margin, north - size - margin, west + size + margin, north + margin)
        left, low, right, high = (pi * min(1.0, max(-1.0, share)) for share in shares)
        return dict(
            zip(
                SIDES, (degrees(left), degrees(atan(sinh(low))), degrees(right), degrees(atan(sinh(high)))), strict=True
            )
        )


@dataclass(frozen=True, slots=True)
class TileBytes:
    """A tile as written, and how many features it has (features outside after clipping included).

    `as_of` is the moment up to which what it is made of knows everything, where that is not the present.
    """

    data: bytes
    features: int
    as_of: datetime | None = None


NOTHING = TileBytes(b"", 0)


def compose_tile(
    name: str, rows: QuerySet[Any], geometry: str, columns: dict[str, Combinable], most: int
) -> Composed | None:
    """Return the statement that writes any tile of a layer with these rows, or None when no row can match.

    At most `most` features are drawn; the caller says so when that many came.
    """
    picked = rows.filter(**{f"{geometry}__bboverlaps": TileBounds()}).order_by()
    aliases = {f"t_{key}": value for key, value in columns.items()}
    inner = picked.annotate(**aliases, t_mvt=TileGeometry(geometry)).values_list("t_mvt", *aliases)[:most]
    try:
        sql, parameters = inner.query.sql_with_params()
    except EmptyResultSet:  # the ORM sees that no row can match, as for somebody who may see nothing
        return None
    names = ", ".join(f"t_{key} as {connection.ops.quote_name(key)}" for key in columns)
    # Only names from the registry enter the text; every value is bound.
    statement = (
        f"select ST_AsMVT(tile, %s, {EXTENT}, 'mvt'), count(*) from"  # noqa: S608
        f" (select t_mvt as mvt, {names} from ({sql}) as picked) as tile"
    )
    return Composed(statement, (name, *parameters))


def write_tile(statement: Composed, tile: Tile) -> TileBytes:
    """Return the Mapbox vector tile of one layer at an address."""
    [(data, features, *as_of)] = statement.rows({"z": tile.z, "x": tile.x, "y": tile.y, **tile.bounds()}, binary=True)
    return TileBytes(data if features else b"", features, *as_of)
