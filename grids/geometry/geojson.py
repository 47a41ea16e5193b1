"""GeoJSON from untrusted input, as text or as already parsed values."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from shapely.geometry.base import BaseGeometry

from grids.geometry.building import Parts, Position, Ring, build, checked_position
from grids.geometry.faults import (
    DEFAULT,
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
    wanted_kind,
)

_MARK = re.compile(r'[\[\]{}"]')
_STRING_REST = re.compile(r'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_LONGITUDES_OF_CRS84 = {"urn:ogc:def:crs:ogc:1.3:crs84", "urn:ogc:def:crs:epsg::4326", "epsg:4326"}


def load_json(text: str | bytes, limits: Limits = DEFAULT) -> Any:
    """Parse JSON of bounded size and depth; NaN, Infinity and bytes that are not UTF-8 are faults."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > limits.bytes:
        refuse_bytes(size, limits)
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise Fault(
            gettext_noop("The text is not UTF-8 (byte %(byte)s cannot be read)."), byte=error.start + 1
        ) from error
    _check_depth(plain, limits)
    try:
        return json.loads(plain, parse_constant=_not_a_number)
    except json.JSONDecodeError as error:
        raise Fault(
            gettext_noop("The text is not JSON (line %(line)s, column %(column)s)."),
            line=error.lineno,
            column=error.colno,
        ) from error
    except Fault:
        raise
    except ValueError as error:
        # Python refuses to convert whole numbers of thousands of digits.
        raise Fault(gettext_noop("The text holds a number with too many digits.")) from error


def read_geojson(value: object, limits: Limits = DEFAULT) -> BaseGeometry:
    """Build a geometry from a GeoJSON geometry object or its text; structure and range are checked, validity not."""
    if isinstance(value, str | bytes):
        value = load_json(value, limits)
    if not isinstance(value, Mapping):
        raise Fault(gettext_noop("A geometry must be a GeoJSON object with “type” and “coordinates”."))
    _check_crs(value)
    kind = wanted_kind(value.get("type"), limits)
    if "coordinates" not in value:
        raise Fault(gettext_noop("The geometry has no “coordinates”."))
    return build(kind, _Reader(limits).parts(kind, value["coordinates"]))


class _Reader:
    """Walks GeoJSON coordinates to the depth their type says, and no deeper."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.vertices, self.rings = limits, 0, 0

    def parts(self, kind: str, value: object) -> Parts:
        if kind not in MULTI:
            return [self.part(kind, value, "coordinates")]
        parts = _list(value, "coordinates")
        check_parts(len(parts), self.limits)
        return [self.part(MULTI[kind], part, f"coordinates[{index}]") for index, part in enumerate(parts)]

    def part(self, kind: str, value: object, where: str) -> list[Ring]:
        if kind == POLYGON:
            rings = _list(value, where)
            self.rings += len(rings)
            check_rings(self.rings, self.limits)
            return [self.ring(ring, f"{where}[{index}]") for index, ring in enumerate(rings)]
        return [[self.position(value, where)] if kind == POINT else self.ring(value, where)]

    def ring(self, value: object, where: str) -> Ring:
        positions = _list(value, where)
        self.count(len(positions))
        ring: Ring = []
        try:
            ring.extend(checked_position(position, drop_heights=self.limits.drop_heights) for position in positions)
        except Fault as fault:
            fault.values["where"] = f"{where}[{len(ring)}]"
            raise
        return ring

    def position(self, value: object, where: str) -> Position:
        self.count(1)
        try:
            return checked_position(value, drop_heights=self.limits.drop_heights)
        except Fault as fault:
            fault.values["where"] = where
            raise

    def count(self, more: int) -> None:
        self.vertices += more
        check_vertices(self.vertices, self.limits)


def _list(value: object, where: str) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        if value:
            return value
        raise Fault(gettext_noop("The geometry is empty (%(where)s)."), where=where)
    raise Fault(gettext_noop("%(where)s must be a list."), where=where)


def _check_crs(value: Mapping[Any, Any]) -> None:
    crs = value.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str) or name.lower() not in _LONGITUDES_OF_CRS84:
        raise Fault(gettext_noop("The geometry must be in longitude and latitude (EPSG:4326)."))


def _check_depth(text: str, limits: Limits) -> None:
    depth, at = 0, 0
    while mark := _MARK.search(text, at):
        at = mark.end()
        if mark[0] == '"':
            rest = _STRING_REST.match(text, at)
            if rest is None:
                # The string never ends: the parser stops there too, so nothing behind it can nest.
                return
            at = rest.end()
            continue
        depth += 1 if mark[0] in "[{" else -1
        if depth > limits.depth:
            raise Fault(gettext_noop("The text is nested deeper than %(most)s levels."), most=limits.depth)


def _not_a_number(_word: str) -> NoReturn:
    raise Fault(gettext_noop("%(where)s is not a finite number."), where="coordinates")
