"""A small reader of Mapbox vector tiles, independent of what writes them (MVT 2.1, protobuf wire format)."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Feature:
    """A feature's properties and geometry type (1 point, 2 line, 3 polygon)."""

    properties: dict[str, Any]
    kind: int


def features(data: bytes) -> dict[str, list[Feature]]:
    """Return the features of each layer of a tile."""
    return dict(_layer(body) for number, body in _fields(data) if number == 3)


def _layer(data: bytes) -> tuple[str, list[Feature]]:
    fields = list(_fields(data))
    name = next(body for number, body in fields if number == 1).decode()
    keys = [body.decode() for number, body in fields if number == 3]
    values = [_value(body) for number, body in fields if number == 4]
    return name, [_feature(body, keys, values) for number, body in fields if number == 2]


def _feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    fields = dict(_fields(data))
    tags = list(_varints(fields.get(2, b"")))
    pairs = zip(tags[::2], tags[1::2], strict=True)
    return Feature({keys[key]: values[value] for key, value in pairs}, fields.get(3, 0))


def _value(data: bytes) -> Any:
    number, body = next(iter(_fields(data)))
    readers: dict[int, Callable[[], Any]] = {
        1: lambda: body.decode(),
        2: lambda: struct.unpack("<f", body)[0],
        3: lambda: struct.unpack("<d", body)[0],
        4: lambda: body,
        5: lambda: body,
        6: lambda: (body >> 1) ^ -(body & 1),
        7: lambda: bool(body),
    }
    return readers[number]()


def _fields(data: bytes) -> Any:
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        body: int | bytes
        if wire == 0:
            body, place = _varint(data, place)
        elif wire == 2:
            length, place = _varint(data, place)
            body, place = data[place : place + length], place + length
        else:
            size = {1: 8, 5: 4}[wire]
            body, place = data[place : place + size], place + size
        yield number, body


def _varints(data: bytes) -> Any:
    place = 0
    while place < len(data):
        value, place = _varint(data, place)
        yield value


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
