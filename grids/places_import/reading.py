"""Reading features into rows: guarded, shifted, repaired; what does not fit is refused with its reason."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids import geometry as core
from grids import shifts
from grids.geometry import AREAS, Fault, Limits
from grids.geometry.building import OUT_OF_RANGE, SWAPPED
from grids.places_import import gdal, osm
from grids.places_import.cells import text
from grids.places_import.columns import Columns, resolve
from grids.places_import.opening import Opened, Part
from grids.places_import.outcome import Outcome
from grids.places_import.progress import Progress
from grids.problems import BadInput

HOPELESS = 1_000


@dataclass(slots=True)
class Feature:
    """One feature: its number in the file, our columns of it, and its raw geometry."""

    number: int
    values: dict[str, object]
    geometry: Any


class Reader:
    """Walks the features of the opened layers; `given` are the fields the file or the command line speaks of."""

    def __init__(
        self,
        opened: Opened,
        layer: str,
        fields: tuple[str, ...],
        *,
        chosen: Mapping[str, str],
        constants: Mapping[str, str],
        outcome: Outcome,
        progress: Progress,
    ) -> None:
        self._opened, self._layer, self._outcome, self._progress = opened, layer, outcome, progress
        self._columns = [self._resolve(part, fields, chosen, constants) for part in opened.parts]
        self.given = frozenset[str]().union(*(columns.given for columns in self._columns))
        self.out_of_range = 0

    def rows(self, build: Callable[[Feature], list[Any]]) -> Iterator[Any]:
        """Yield the rows that `build` makes of the features; count and note those it refuses."""
        for part, columns in zip(self._opened.parts, self._columns, strict=True):
            stream = gdal.Stream(
                self._opened.source, part.layer.name, where=part.where, srs=part.srs, reproject=part.reproject
            )
            done = partial(_share, self._outcome, self._outcome.read, part, stream)
            for line in stream:
                yield from self._taken(line, part, columns, build)
                self._progress.rows(self._outcome.read, done)

    def _taken(self, line: bytes, part: Part, columns: Columns, build: Callable[[Feature], list[Any]]) -> list[Any]:
        self._outcome.read += 1
        identity = ""
        try:
            feature = self._feature(line, part, columns)
            if feature is None:
                self._outcome.left_out += 1
                return []
            identity = _shown(feature.values)
            return build(feature)
        except Fault as fault:
            self.out_of_range += fault.sentence in {OUT_OF_RANGE, SWAPPED}
            self._refuse(identity, fault.text(_))
        except BadInput as refusal:
            self._refuse(identity, str(refusal.sentence))
        return []

    def _feature(self, line: bytes, part: Part, columns: Columns) -> Feature | None:
        try:
            loaded = json.loads(line.decode(), parse_constant=lambda _word: None)
        except UnicodeDecodeError as error:
            raise BadInput(_("Its text cannot be read: say the file's encoding with --encoding.")) from error
        except (ValueError, RecursionError) as error:
            raise BadInput(_("It cannot be read.")) from error
        properties = loaded.get("properties") or {}
        if self._opened.is_osm:
            tagged = osm.values(self._layer, part.layer.name, properties)
            if tagged is None:
                return None
            values = {**tagged, **columns.values(properties)}
        else:
            values = {**({"id": loaded["id"]} if "id" in loaded else {}), **columns.values(properties)}
        return Feature(self._outcome.read, values, loaded.get("geometry"))

    def _resolve(
        self, part: Part, fields: tuple[str, ...], chosen: Mapping[str, str], constants: Mapping[str, str]
    ) -> Columns:
        if self._opened.is_osm:
            # Tags have their own meaning; only what the command line names replaces it.
            found = resolve(fields, part.layer.fields, chosen, constants)
            kept = {field: column for field, column in found.sources.items() if field in chosen}
            known = {"regions": {"name", "name_en"}, "streets": {"name", "name_en", "kind", "tunnel"}}
            tagged = known.get(self._layer, {"name", "name_en", "kind", "type", "floors", "households"})
            return Columns(kept, dict(constants), frozenset(tagged))
        found = resolve(fields, part.layer.fields, chosen, constants)
        if "code" in found.sources and "id" not in chosen:
            # A region is known by its code, not by a number of the file.
            sources = {field: column for field, column in found.sources.items() if field != "id"}
            return Columns(sources, found.constants)
        return found

    def _refuse(self, identity: str, reason: str) -> None:
        outcome = self._outcome
        outcome.refuse(outcome.read, identity, reason)
        if outcome.read == HOPELESS and outcome.refused == outcome.read:
            shown = {"count": HOPELESS, "reason": outcome.refusals[0].reason}
            raise HopelessFile(_("None of the first %(count)s rows can be used. The first: %(reason)s") % shown)


class HopelessFile(Exception):  # noqa: N818 - it is the file that is hopeless
    """So many rows were refused and none taken that reading on is of no use."""


def placed(feature: Feature, limits: Limits, crs: shifts.Crs, outcome: Outcome) -> BaseGeometry:
    """Return a feature's geometry in WGS-84, valid; an area that is not is repaired and counted."""
    if feature.geometry is None:
        lon, lat = feature.values.get("lon"), feature.values.get("lat")
        if lon is None and lat is None:
            raise BadInput(_("It has no geometry."))
        raw = core.read_point(lon, lat)
    else:
        raw = core.read_geojson(feature.geometry, limits)
    geometry = shifts.geometry_to_wgs84(raw, crs)
    try:
        return core.require_sound(geometry)
    except Fault:
        if geometry.geom_type not in AREAS:
            raise
    mended = core.repaired(geometry)
    outcome.repaired += 1
    return mended


def _share(outcome: Outcome, before: int, part: Part, stream: gdal.Stream) -> float | None:
    return (outcome.read - before) / part.layer.count if part.layer.count else stream.share()


def _shown(values: Mapping[str, object]) -> str:
    for field in ("id", "code", "username", "name"):
        if values.get(field):
            try:
                return text(values[field], 120, field)
            except BadInput:
                continue
    return ""
