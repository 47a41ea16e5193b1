"""Problems from files and proposals into files, for splitting without a database."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids import split_words
from grids.geometry import AREAS, KINDS, LINES, Limits
from grids.places_import.cells import whole
from grids.places_import.opening import choose, described
from grids.places_import.outcome import Outcome
from grids.places_import.progress import Progress
from grids.places_import.reading import Feature, Reader, placed
from grids.places_import.rows import MOST_HOUSEHOLDS
from grids.places_import.vocabulary import STREETS
from grids.problems import BadInput
from grids.splitting import BARRIERS, MAJOR_ROADS, RAILS, RIVERS, House, Proposal, Way

# A country's outline or a river may be long.
LIMITS = Limits(bytes=1 << 28, vertices=2_000_000, rings=100_000, parts=100_000, kinds=KINDS, drop_heights=True)
# Eleven digits are a thousandth of a millimetre: borders that meet in metres meet in the file.
DIGITS = 11
GROUPS = {"roads": MAJOR_ROADS, "rails": RAILS, "rivers": RIVERS, "none": frozenset[str]()}
T = TypeVar("T")
_WORD = re.compile(r"\w+")
_BOUNDS = re.compile(rb"<bounds\b([^>]*)>")
_CORNER = re.compile(rb"(minlon|minlat|maxlon|maxlat)=[\"']([-+.\d]{1,20})[\"']")


def read_boundary(path: Path, where: str, progress: Progress) -> BaseGeometry:
    """Read the area to split: all areas of a file, of OpenStreetMap data the largest administrative one.

    An OpenStreetMap file without any is split within its own bounds.
    """
    try:
        areas, osm = _read(path, "regions", (), AREAS, where, progress, lambda _feature, area: area)
    except BadInput:
        bounds = _bounds(path) if path.is_file() and not where else None
        if bounds is None:
            raise
        return bounds
    if osm:
        return max(areas, key=shapely.area)
    return areas[0] if len(areas) == 1 else shapely.union_all(areas)


def read_ways(path: Path, chosen: str, progress: Progress) -> list[Way]:
    """Read streets, railways or waterways; `chosen` says which of them to take of OpenStreetMap data."""
    default = {"streets": "residential", "railways": "rail", "waterways": "river"}[chosen]

    def build(feature: Feature, line: BaseGeometry) -> Way | None:
        kind = _kind(feature.values.get("kind"), default)
        return None if feature.values.get("tunnel") else Way(line, kind)

    ways, osm = _read(path, "streets", ("kind",), LINES | AREAS, "", progress, build)
    # A file of OpenStreetMap holds all three; each option takes its own.
    waters = RIVERS | {"stream", "drain", "ditch"}
    rails = RAILS | {"subway", "tram", "monorail", "funicular"}
    wanted: dict[str, Callable[[str], bool]] = {
        "streets": lambda kind: kind not in waters and kind not in rails,
        "railways": lambda kind: kind in rails,
        "waterways": lambda kind: kind in waters,
    }
    return [way for way in ways if not osm or wanted[chosen](way.kind)]


def read_houses(path: Path, progress: Progress) -> list[House]:
    """Read buildings with their households, 1 where the file does not say."""

    def build(feature: Feature, area: BaseGeometry) -> House:
        given = whole(feature.values.get("households"), MOST_HOUSEHOLDS, "households")
        return House(area, 1 if given is None else given, str(feature.values.get("id") or ""))

    return _read(path, "buildings", ("id", "households"), AREAS, "", progress, build)[0]


def barriers(words: str | None) -> frozenset[str]:
    """Return the kinds of ways that are barriers, from kinds and groups separated by commas."""
    if words is None:
        return BARRIERS
    found: set[str] = set()
    for word in _WORD.findall(words.lower()):
        found |= GROUPS.get(word, {word})
    return frozenset(found)


def known(kinds: frozenset[str]) -> frozenset[str]:
    """Return kinds of ways together with what the database, which has fewer, calls them."""
    return kinds | {STREETS[kind] for kind in kinds if kind in STREETS}


def write_grids(proposal: Proposal, path: Path) -> None:
    """Write the service grids, and after them the unit grids they consist of, as GeoJSON (RFC 7946)."""
    levels = (("service", proposal.grids), ("unit", proposal.units))
    features = [
        {
            "type": "Feature",
            "id": f"{kind}-{grid.number}",
            "properties": {
                "kind": kind,
                "number": grid.number,
                "parent": grid.parent,
                "households": grid.households,
            },
            "geometry": _geojson(grid.polygon),
        }
        for kind, grids in levels
        for grid in grids
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}) + "\n", encoding="utf-8")


def write_metrics(proposal: Proposal, path: Path) -> None:
    """Write the quality and the remarks as JSON."""
    remarks = [{"code": said.code, **said.values, "sentence": split_words.remark(said)} for said in proposal.remarks]
    content = {**proposal.quality, "crs": f"EPSG:{proposal.epsg}", "remarks": remarks}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _geojson(polygon: BaseGeometry) -> dict[str, Any]:
    return {
        "type": "Polygon",
        "coordinates": [
            np.round(shapely.get_coordinates(ring), DIGITS).tolist() for ring in shapely.get_rings(polygon)
        ],
    }


def _read(
    path: Path,
    layer: str,
    fields: tuple[str, ...],
    kinds: frozenset[str],
    where: str,
    progress: Progress,
    build: Callable[[Feature, BaseGeometry], T | None],
) -> tuple[list[T], bool]:
    with described(path, "", "", {}) as source:
        opened = choose(source, layer, kinds, name="", where=where, srs="", degrees=False)
        outcome = Outcome(layer, path.stem)
        reader = Reader(opened, layer, fields, chosen={}, constants={}, outcome=outcome, progress=progress)

        def row(feature: Feature) -> list[T]:
            made = build(feature, placed(feature, LIMITS, "wgs84", outcome))
            return [] if made is None else [made]

        found = list(reader.rows(row))
        progress.done()
    if outcome.refused and not found:
        raise BadInput(
            _("%(file)s cannot be used: %(reason)s") % {"file": path.name, "reason": outcome.refusals[0].reason}
        )
    if not outcome.read:
        raise BadInput(_("%(file)s holds nothing for %(layer)s.") % {"file": path.name, "layer": layer})
    return found, opened.is_osm


def _kind(word: object, default: str) -> str:
    given = str(word or "").strip().casefold()
    if not given:
        return default
    return given if given in BARRIERS or given.isascii() else STREETS.get(given, default)


def _bounds(path: Path) -> BaseGeometry | None:
    """Return the bounds that an OpenStreetMap XML file states in its head."""
    with path.open("rb") as file:
        stated = _BOUNDS.search(file.read(1 << 16))
    corners = {name.decode(): float(value) for name, value in _CORNER.findall(stated[1])} if stated else {}
    if len(corners) < 4:
        return None
    return shapely.box(corners["minlon"], corners["minlat"], corners["maxlon"], corners["maxlat"])
