"""Features of any number as a GeoPackage (OGC 12-128r17, version 1.3), written by SQLite itself.

A GeoPackage is a database of SQLite with tables of fixed names. Written row by row in one transaction it needs no more
memory than SQLite's cache of pages, and the types of the columns are said, not guessed from the first rows.
"""

import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from math import inf
from pathlib import Path
from typing import Any

from maps.exports.layers import Shape
from maps.features.collection import Collection
from maps.features.properties import Kind

APPLICATION, VERSION = 0x47504B47, 10300  # "GPKG", 1.3
WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],'
    'AUTHORITY["EPSG","4326"]]'
)
TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT
);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE,
  max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
"""
SYSTEMS = (
    ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
    ("WGS 84 geodetic", 4326, "EPSG", 4326, WGS84, "longitude and latitude in degrees"),
)
CONTENT = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id)
VALUES (?, 'features', ?, ?, ?, ?, ?, ?, 4326)
"""
TYPES = {
    Kind.TEXT: "TEXT",
    Kind.WHOLE: "INTEGER",
    Kind.NUMBER: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
    Kind.MOMENT: "DATETIME",
    Kind.STAMP: "DATETIME",
    Kind.DAY: "DATE",
}
TIMES = frozenset({Kind.MOMENT, Kind.STAMP})
POINT = struct.pack("<2sBBi", b"GP", 0, 0b001, 4326)  # little-endian, without a box
BOXED = struct.Struct("<2sBBi4d")


def write_geopackage(path: Path, layer: Collection, shapes: Iterable[Shape]) -> int:
    """Write the features of a layer into a table of its name and return how many there were."""
    names = [one.name for one in layer.properties]
    columns = ", ".join(f'"{one.name}" {TYPES[one.kind]}' for one in layer.properties)
    places = ", ".join("?" * (len(names) + 1))
    box = [inf, -inf, inf, -inf]
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        # The file is of no use before it is whole, so it needs neither a journal nor waiting for the disk.
        for pragma in (f"application_id = {APPLICATION}", f"user_version = {VERSION}", "journal_mode = OFF"):
            file.execute(f"PRAGMA {pragma}")
        file.execute("PRAGMA synchronous = OFF")
        file.executescript(TABLES)
        file.execute("BEGIN")
        file.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", SYSTEMS)
        # Names come from the registry of collections; values are bound.
        shape = layer.shape.upper() or "GEOMETRY"
        file.execute(
            f'CREATE TABLE "{layer.name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {shape}, {columns})'
        )
        head = f'INSERT INTO "{layer.name}" (geom, {", ".join(_quoted(names))}) VALUES ({places})'  # noqa: S608
        count: int = file.executemany(head, _rows(layer, shapes, box)).rowcount
        sides = (box[0], box[2], box[1], box[3]) if count > 0 else (None,) * 4
        described = (layer.name, str(layer.title), str(layer.description))
        file.execute(CONTENT, (*described, *sides))
        file.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)", (layer.name, shape))
        file.execute("COMMIT")
    return max(0, count)


def _rows(layer: Collection, shapes: Iterable[Shape], box: list[float]) -> Iterator[list[Any]]:
    """Yield the values of each row and widen the box by it."""
    kinds = [(one.name, one.kind) for one in layer.properties]
    for shape in shapes:
        west, east, south, north = shape.box
        box[:] = min(box[0], west), max(box[1], east), min(box[2], south), max(box[3], north)
        yield [_geometry(shape), *(_value(kind, shape.told[name]) for name, kind in kinds)]


def _geometry(shape: Shape) -> bytes:
    west, east, south, north = shape.box
    if west == east and south == north:
        return POINT + shape.wkb
    return BOXED.pack(b"GP", 0, 0b011, 4326, west, east, south, north) + shape.wkb


def _value(kind: Kind, value: Any) -> Any:
    if kind in TIMES and value is not None:
        # 2026-11-03T08:00:00.123456+00:00, with as many digits as are needed; here there are three always.
        return f"{value[:19]}.{value[20:].partition('+')[0][:3] if value[19] == '.' else '':0<3}Z"
    return value


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]
