"""Map data (zipped Shapefile, GeoJSON, GeoPackage), read by GDAL in its child process; the encoding of an old dBase
table is guessed from its bytes."""

import io
import json
import re
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids import geometry as core
from grids.geometry import Fault, Limits
from grids.lists import encodings
from grids.lists.saying import gettext_noop, said
from grids.lists.tables import MOST_COLUMNS, MOST_ROWS, Cell, Grid
from grids.places_import import gdal
from grids.problems import BadInput

CPU_SECONDS = 60
PATIENCE_SECONDS = 60
_SUFFIX = {"shapefile": ".zip", "geojson": ".geojson", "geopackage": ".gpkg"}
_LIMITS = Limits(vertices=100_000, rings=20_000, parts=20_000, drop_heights=True)
_DBF_SAMPLE = 4 << 20
_ENCODING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,39}")


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one layer as a grid whose first row are the columns' names."""

    grid: Grid
    layers: list[str]
    layer: int
    encoding: str


def read(data: bytes, kind: str, layer: int = -1, encoding: str = "") -> Features:
    """Return the features of a layer in EPSG:4326; of a shapefile without .cpg the encoding is guessed."""
    if kind == "shapefile":
        encoding = encoding or guess_dbf(data)
        if encoding and not _ENCODING.fullmatch(encoding):
            raise BadInput(_("There is no encoding “%(encoding)s”.") % {"encoding": encoding[:40]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"list{_SUFFIX[kind]}")
        path.write_bytes(data)
        options = ["-oo", f"ENCODING={encoding}"] if kind == "shapefile" and encoding else []
        source = gdal.describe(path, options, cpu_seconds=CPU_SECONDS)
        found = _layer(source, layer)
        grid = _grid(source, source.layers[found])
    return Features(grid, [each.name for each in source.layers], found, encoding)


def _layer(source: gdal.Source, chosen: int) -> int:
    if 0 <= chosen < len(source.layers):
        return chosen
    return next((index for index, each in enumerate(source.layers) if each.count), 0)


def _grid(source: gdal.Source, layer: gdal.SourceLayer) -> Grid:
    if len(layer.fields) > MOST_COLUMNS:
        raise BadInput(_("The table has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    # The columns' names are row 0, so that features are counted from 1.
    names: list[Cell] = [*layer.fields] or [_("name")]
    grid = Grid([(0, names)])
    faults: list[tuple[int, str]] = []
    stream = gdal.Stream(source, layer.name, reproject=layer.has_crs, cpu_seconds=CPU_SECONDS)
    for number, (cells, shape) in enumerate(_features(stream, layer.fields), 1):
        grid.rows.append((number, cells))
        if isinstance(shape, Fault):
            faults.append((number, shape.text(_)))
        elif shape is not None:
            grid.shapes[number] = shape
    if faults:
        sentence = gettext_noop("%(count)s shapes cannot be used; the first, of row %(row)s: %(reason)s")
        grid.notes.append(said(sentence, count=len(faults), row=faults[0][0], reason=faults[0][1]))
    if not layer.has_crs and grid.shapes:
        sentence = gettext_noop(
            "The file does not say its coordinate reference system; its numbers are taken as degrees."
        )
        grid.notes.append(said(sentence))
    return grid


def _features(stream: gdal.Stream, fields: tuple[str, ...]) -> Iterator[tuple[list[Cell], BaseGeometry | Fault | None]]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    for count, line in enumerate(stream):
        if count > MOST_ROWS:
            raise BadInput(
                _("The list has more than %(most)s rows; the command import_places takes any number.")
                % {"most": f"{MOST_ROWS:,}"}
            )
        if time.monotonic() > deadline:
            raise BadInput(_("The file keeps the server busy too long; nothing of it was taken."))
        try:
            feature = json.loads(line.decode("utf-8", "replace"), parse_constant=lambda _word: None)
            properties = feature.get("properties") or {}
        except (ValueError, RecursionError) as error:
            raise BadInput(_("Row %(number)s of the file cannot be read.") % {"number": count + 1}) from error
        yield [_plain(properties.get(name)) for name in fields], _shape(feature.get("geometry"))


def _shape(value: object) -> BaseGeometry | Fault | None:
    if value is None:
        return None
    try:
        return core.require_sound(core.read_geojson(value, _LIMITS))
    except Fault as fault:
        return fault


def _plain(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value or (None if value == "" else value)
    return json.dumps(value, ensure_ascii=False)[:500]


def guess_dbf(data: bytes) -> str:
    """Return the encoding of a zipped shapefile's table: what its .cpg says, else what its bytes look like."""
    try:
        return _guess_dbf(data)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        # Only the directory was looked at so far: what stands behind its entries may be anything.
        raise BadInput(_("The file is damaged and cannot be opened.")) from error


def _guess_dbf(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = {name.lower(): name for name in archive.namelist() if not name.startswith("__MACOSX/")}
        said_so = next((names[name] for name in names if name.endswith(".cpg")), None)
        table = next((names[name] for name in names if name.endswith(".dbf")), None)
        if said_so is not None:
            with archive.open(said_so) as file:
                word = file.read(40).decode("ascii", "ignore").strip()
            if word:
                return word if not word.isdigit() else f"cp{word}"
        if table is None:
            return ""
        with archive.open(table) as file:
            return encodings.guess_parts(list(dbf_texts(file.read(_DBF_SAMPLE))) or [b""])


def dbf_texts(table: bytes) -> Iterator[bytes]:
    """Yield the names of a dBase table's columns and the texts of its first rows, as bytes (dBase III and later)."""
    if len(table) < 33:
        return
    header, length = struct.unpack_from("<HH", table, 8)
    columns: list[tuple[int, int]] = []
    offset, at = 1, 32
    while at + 32 <= min(header, len(table)) and table[at] != 0x0D:
        yield table[at : at + 11].split(b"\0")[0]
        size = table[at + 16]
        if table[at + 11 : at + 12] == b"C":
            columns.append((offset, size))
        offset, at = offset + size, at + 32
    if length < 1:
        return
    for start in range(header, min(len(table), header + 2_000 * length), length):
        for offset, size in columns:
            text = table[start + offset : start + offset + size].strip(b" \0")
            if text and not text.isascii():
                yield text
