"""From a feature's values and geometry to the rows to be staged, one builder per layer of places."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import shapely
from django.db.models import Model
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids.geometry import AREAS, LINES
from grids.models import Building, Checkpoint, Region, Street
from grids.places_import.cells import text, truth, whole
from grids.places_import.vocabulary import BUILDINGS, STREETS
from grids.problems import BadInput

MOST_HOUSEHOLDS, MOST_FLOORS = 20_000, 200
CODE = re.compile(r"\d{6}|\d{9}|\d{12}", re.ASCII)
ANY_SIMPLE = frozenset({"Point", "MultiPoint", *LINES, *AREAS})


@dataclass(slots=True)
class Context:
    """What rows are built with besides their own values, and what is counted while they are."""

    types: Mapping[str, int] = field(default_factory=dict)
    region: str = ""
    has_codes: bool = True
    unknown_words: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Row:
    """One row to be staged: its number in the file, its identity, its columns and its geometry in WGS-84."""

    number: int
    source_id: str
    columns: dict[str, object]
    geometry: BaseGeometry


Build = Callable[[dict[str, object], Context], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of places: its table, the fields a file can give, the geometry it takes and how a row is built."""

    name: str
    model: type[Model]
    fields: tuple[str, ...]
    kinds: frozenset[str]
    build: Build
    needs: str = ""
    several: bool = True


def rows_of(
    layer: Layer, number: int, values: dict[str, object], geometry: BaseGeometry, context: Context
) -> list[Row]:
    """Return a feature's rows: one, or for a street in several parts one per part."""
    columns = layer.build(values, context)
    parts = list(shapely.get_parts(geometry))
    identity = text(values.get("id"), 110, "id") or str(columns.get("code") or "") or fingerprint(geometry)
    if len(parts) == 1:
        return [Row(number, identity, columns, parts[0])]
    if layer.model is Street:
        return [Row(number, f"{identity}/{index}", columns, part) for index, part in enumerate(parts, 1)]
    if layer.several:
        return [Row(number, identity, columns, geometry)]
    raise BadInput(_("It has %(count)s parts; a checkpoint is one point, line or area.") % {"count": len(parts)})


def fingerprint(geometry: BaseGeometry) -> str:
    """Return an identity for a feature without an id: the same geometry gives the same one."""
    normal = shapely.set_precision(geometry.normalize(), 1e-7, mode="pointwise")
    return "g-" + blake2b(shapely.to_wkb(normal), digest_size=12).hexdigest()


def _names(values: Mapping[str, object]) -> dict[str, object]:
    return {"name": text(values.get("name"), 120, "name"), "name_en": text(values.get("name_en"), 160, "name_en")}


def _region(values: dict[str, object], context: Context) -> dict[str, object]:
    code = text(values.get("code"), 40, "code")
    if code and not CODE.fullmatch(code):
        raise BadInput(_("The code “%(code)s” has neither 6, 9 nor 12 digits.") % {"code": code})
    if not code and context.has_codes:
        raise BadInput(_("It has no code."))
    return {**_names(values), "code": code or None}


def _street(values: dict[str, object], _context: Context) -> dict[str, object]:
    word = text(values.get("kind"), 60, "kind")
    if word.casefold() not in STREETS:
        shown = {"kind": word, "kinds": ", ".join(sorted(set(STREETS.values())))}
        raise BadInput(_("The kind “%(kind)s” is not one of %(kinds)s.") % shown)
    return {**_names(values), "kind": STREETS[word.casefold()], "tunnel": truth(values.get("tunnel"), "tunnel")}


def _building(values: dict[str, object], context: Context) -> dict[str, object]:
    word = text(values.get("kind"), 60, "kind")
    kind = BUILDINGS.get(word.casefold(), "other")
    if word and word.casefold() not in BUILDINGS:
        context.unknown_words[word] += 1
    return {
        **_names(values),
        "kind": kind,
        "households": whole(values.get("households"), MOST_HOUSEHOLDS, "households"),
        "floors": whole(values.get("floors"), MOST_FLOORS, "floors"),
        "estate": text(values.get("estate"), 120, "estate"),
        "region_code": _region_code(values, context),
    }


def _checkpoint(values: dict[str, object], context: Context) -> dict[str, object]:
    word = text(values.get("type"), 80, "type")
    chosen = context.types.get(word.casefold())
    if chosen is None:
        shown = {
            "type": word,
            "types": ", ".join(sorted(word for word in context.types if word.isascii() and " " not in word)),
        }
        raise BadInput(_("The type “%(type)s” is not one of %(types)s.") % shown)
    return {**_names(values), "type_id": chosen, "region_code": _region_code(values, context)}


def _region_code(values: Mapping[str, object], context: Context) -> str | None:
    code = text(values.get("region"), 40, "region") or context.region
    if code and not CODE.fullmatch(code):
        raise BadInput(_("The code “%(code)s” has neither 6, 9 nor 12 digits.") % {"code": code})
    return code or None


_NAMES = ("id", "name", "name_en")
LAYERS = {
    layer.name: layer
    for layer in (
        Layer("regions", Region, (*_NAMES, "code"), AREAS, _region),
        Layer("streets", Street, (*_NAMES, "kind", "tunnel"), LINES, _street, needs="kind"),
        Layer(
            "buildings",
            Building,
            (*_NAMES, "kind", "households", "floors", "estate", "region"),
            AREAS,
            _building,
        ),
        Layer(
            "checkpoints",
            Checkpoint,
            (*_NAMES, "type", "region", "lon", "lat"),
            ANY_SIMPLE,
            _checkpoint,
            needs="type",
            several=False,
        ),
    )
}
