"""WKB and EWKB from untrusted input."""

import struct
from typing import Any, NoReturn

from shapely.geometry.base import BaseGeometry

from grids.geometry.building import Parts, Ring, build, checked_position
from grids.geometry.faults import (
    DEFAULT,
    LINE,
    MULTI,
    POINT,
    POLYGON,
    Fault,
    Limits,
    check_parts,
    check_rings,
    check_vertices,
    gettext_noop,
    refuse_bytes,
    refuse_heights,
    wanted_kind,
)


def read_wkb(data: bytes, limits: Limits = DEFAULT) -> BaseGeometry:
    """Build a geometry from WKB or EWKB (SRID 4326 or none); structure and range are checked, validity not."""
    if len(data) > limits.bytes:
        refuse_bytes(len(data), limits)
    cursor = _Wkb(data, limits)
    kind, parts = cursor.geometry()
    if cursor.at != len(data):
        raise Fault(gettext_noop("The geometry's bytes go on after its end (byte %(byte)s)."), byte=cursor.at + 1)
    return build(kind, parts)


class _Wkb:
    """Reads (E)WKB from a position onwards, checking each count against the bytes that are left."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data, self.limits, self.at = data, limits, 0
        self.vertices, self.rings = 0, 0

    def geometry(self) -> tuple[str, Parts]:
        number, order, size = self.header()
        names = [POINT, LINE, POLYGON, *MULTI, "GeometryCollection"]
        kind = wanted_kind(names[number - 1] if 1 <= number <= len(names) else number, self.limits)
        if kind not in MULTI:
            return kind, [self.part(kind, order, size)]
        count = self.count(order, 9)
        check_parts(count, self.limits)
        parts: Parts = []
        for _ in range(count):
            inner, order, size = self.header()
            if not 1 <= inner <= 3 or names[inner - 1] != MULTI[kind]:
                self.garbled()
            parts.append(self.part(MULTI[kind], order, size))
        return kind, parts

    def header(self) -> tuple[int, str, int]:
        order = {0: ">", 1: "<"}.get(self.take("B")[0]) or self.garbled()
        (word,) = self.take(order + "I")
        if word & 0x20000000 and self.take(order + "I")[0] not in {0, 4326}:
            raise Fault(gettext_noop("The geometry must be in longitude and latitude (EPSG:4326)."))
        iso, number = divmod(word & 0x0FFFFFFF, 1000)
        heights = (bool(word & 0x80000000) or iso in {1, 3}) + (bool(word & 0x40000000) or iso in {2, 3})
        if heights and not self.limits.drop_heights:
            refuse_heights()
        return number, order, 2 + heights

    def part(self, kind: str, order: str, size: int) -> list[Ring]:
        if kind == POINT:
            return [self.positions(1, order, size)]
        if kind == LINE:
            return [self.positions(self.count(order, 8 * size), order, size)]
        count = self.count(order, 4)
        self.rings += count
        check_rings(self.rings, self.limits)
        return [self.positions(self.count(order, 8 * size), order, size) for _ in range(count)]

    def positions(self, count: int, order: str, size: int) -> Ring:
        self.vertices += count
        check_vertices(self.vertices, self.limits)
        numbers = self.take(f"{order}{count * size}d")
        try:
            return [checked_position(numbers[at : at + 2], drop_heights=False) for at in range(0, len(numbers), size)]
        except Fault as fault:
            fault.values["where"] = f"bytes[{self.at}]"
            raise

    def count(self, order: str, each: int) -> int:
        count: int = self.take(order + "I")[0]
        if count * each > len(self.data) - self.at:
            self.garbled()
        return count

    def take(self, form: str) -> tuple[Any, ...]:
        try:
            values = struct.unpack_from(form, self.data, self.at)
        except struct.error:
            self.garbled()
        self.at += struct.calcsize(form)
        return values

    def garbled(self) -> NoReturn:
        raise Fault(gettext_noop("The geometry's bytes are not readable WKB (byte %(byte)s)."), byte=self.at + 1)
