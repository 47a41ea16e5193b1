"""Rows for COPY … (FORMAT binary), thousands at once: NumPy lays them out side by side.

Within a block of rows every column has one width: a constant, NULL throughout, or an array of items of equal size.
The formats are those of PostgreSQL's own send functions and, for points, EWKB.
"""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Cell = bytes | None | Array

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
UNIX_DAYS = (EPOCH.date() - date(1970, 1, 1)).days
POINT = np.dtype([("head", "V9"), ("x", "<f8"), ("y", "<f8")])
POINT_HEAD = b"\x01\x01\x00\x00\x20\xe6\x10\x00\x00"  # little-endian, a point with an SRID, 4326


def constant(value: Any, internal_type: str) -> Cell:
    """A value that is the same in every row; `internal_type` is Django's name of the column's type.

    Raises TypeError for a value whose binary form is not known here.
    """
    match value:
        case None:
            return None
        case _ if internal_type == "JSONField":
            return b"\x01" + json.dumps(value, ensure_ascii=False).encode()
        case bool():
            return bytes([value])
        case str():
            return value.encode()
        case datetime():
            return int(micros(value)).to_bytes(8, "big", signed=True)
        case date():
            return int((value - EPOCH.date()).days).to_bytes(4, "big", signed=True)
        case UUID():
            return value.bytes
        case int():
            return value.to_bytes(WIDTHS[internal_type], "big", signed=True)
        case list() if not value:
            return bytes(8) + TEXT_OID  # an empty array has no dimension
    message = f"no binary form is known for {value!r}"
    raise TypeError(message)


TEXT_OID = (1043).to_bytes(4, "big")
WIDTHS = {
    "PositiveSmallIntegerField": 2,
    "SmallIntegerField": 2,
    "IntegerField": 4,
    "PositiveIntegerField": 4,
    "BigIntegerField": 8,
    "BigAutoField": 8,
    "ForeignKey": 8,
}


def micros(moment: datetime) -> int:
    """Microseconds since 2000, as timestamptz counts."""
    past = moment - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def bigints(values: Array) -> Array:
    """A bigint or timestamptz (in microseconds since 2000) for each row."""
    return values.astype(">i8")


def days(values: Array) -> Array:
    """A date for each row, from days since 1970."""
    return (values - UNIX_DAYS).astype(">i4")


def floats(values: Array) -> Array:
    """A double precision number for each row."""
    return values.astype(">f8")


def uuids(values: npt.NDArray[np.uint8]) -> Array:
    """A UUID for each row of 16 bytes."""
    return np.ascontiguousarray(values).view("V16").reshape(-1)


def points(lon: Array, lat: Array) -> Array:
    """A point in EPSG:4326 for each row."""
    out = np.empty(len(lon), POINT)
    out["head"] = np.frombuffer(POINT_HEAD, "V9")[0]
    out["x"], out["y"] = lon, lat
    return out


def block(cells: list[Cell], count: int) -> Array:
    """Lay out `count` rows; an item is one row's bytes. What is the same in all of them is laid out once."""
    layout: list[Any] = []
    parts: list[Any] = []
    same = bytearray(len(cells).to_bytes(2, "big"))

    def flush() -> None:
        layout.append((f"f{len(parts)}", f"V{len(same)}"))
        parts.append(np.frombuffer(bytes(same), f"V{len(same)}")[0])
        same.clear()

    for cell in cells:
        if cell is None:
            same += NULL
        elif isinstance(cell, np.ndarray):
            same += cell.dtype.itemsize.to_bytes(4, "big")
            flush()
            layout.append((f"f{len(parts)}", cell.dtype))
            parts.append(cell)
        else:
            same += len(cell).to_bytes(4, "big") + cell
    if same:
        flush()
    out = np.empty(count, np.dtype(layout))
    for k, part in enumerate(parts):
        out[f"f{k}"] = part
    return out


def rows(blocks: list[tuple[Array, Array]]) -> list[bytes]:
    """Cut blocks into rows, in the order of the moments that come with each block."""
    moments = np.concatenate([at for at, _block in blocks])
    found: list[bytes] = []
    for _at, made in blocks:
        size, data = made.dtype.itemsize, made.tobytes()
        found += [data[k : k + size] for k in range(0, len(data), size)]
    return [found[k] for k in np.argsort(moments, kind="stable").tolist()]
