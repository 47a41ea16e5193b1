"""Opening a file for an import: its encoding, its layers that fit, and whether its coordinates are known."""

import codecs
import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from grids.places_import import gdal, osm
from grids.places_import.columns import HEADINGS
from grids.problems import BadInput

_TABLES = {".csv", ".tsv", ".txt"}
_SRS = re.compile(r"EPSG:\d{4,6}", re.ASCII)
_WKT = "GEOM_POSSIBLE_NAMES=WKT,wkt,geom,geometry,the_geom,几何,边界"
_SIMPLE = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One layer of the file to be read: which of its features, and how its coordinates become degrees."""

    layer: gdal.SourceLayer
    where: str
    srs: str
    reproject: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A described file and the layers of it that will be read."""

    source: gdal.Source
    parts: tuple[Part, ...]

    @property
    def is_osm(self) -> bool:
        """Whether the file is OpenStreetMap's own format."""
        return self.source.driver == "OSM"


@contextlib.contextmanager
def described(path: Path, encoding: str, srs: str, chosen: Mapping[str, str]) -> Iterator[gdal.Source]:
    """Describe a file; a table in another encoding is rewritten in UTF-8 in a temporary folder meanwhile."""
    if not path.exists():
        raise BadInput(_("There is no file %(file)s.") % {"file": path})
    if srs and not _SRS.fullmatch(srs):
        raise BadInput(_("--srs is “%(srs)s”: write it as EPSG:4547.") % {"srs": srs})
    with tempfile.TemporaryDirectory() as folder:
        options: list[str] = []
        if path.suffix.lower() in _TABLES:
            path = _as_utf8(path, encoding, Path(folder))
            options = _table_options(srs, chosen)
        elif encoding:
            options = ["-oo", f"ENCODING={_known(encoding)}"]
        yield gdal.describe(path, options)


def choose(
    source: gdal.Source, layer: str, kinds: frozenset[str], *, name: str, where: str, srs: str, degrees: bool
) -> Opened:
    """Pick the layers to read; the wrong type, several candidates or unknown coordinates are each one sentence."""
    if source.driver == "OSM":
        return Opened(source, _osm_parts(source, layer, name, where))
    present = {found.name: found for found in source.layers}
    if name and name not in present:
        shown = {"layer": name, "layers": ", ".join(present)}
        raise BadInput(_("The file has no layer “%(layer)s”; it has %(layers)s.") % shown)
    candidates = [present[name]] if name else list(source.layers)
    fitting = [found for found in candidates if _fits(found, kinds)]
    if not fitting:
        shown = {"type": candidates[0].geometry, "layer": layer, "kinds": ", ".join(sorted(kinds))}
        raise BadInput(_("The file holds geometry of type %(type)s; %(layer)s need %(kinds)s.") % shown)
    if len(fitting) > 1:
        names = ", ".join(found.name for found in fitting)
        raise BadInput(
            _("The file has several layers: choose one of %(layers)s with --source-layer.") % {"layers": names}
        )
    return Opened(source, (_part(fitting[0], source, kinds, where, srs, degrees),))


def _part(
    layer: gdal.SourceLayer, source: gdal.Source, kinds: frozenset[str], where: str, srs: str, degrees: bool
) -> Part:
    known = layer.has_crs or bool(srs)
    if kinds and not known and not degrees and source.driver != "CSV" and layer.geometry != "None":
        raise BadInput(
            _(
                "The file does not say its coordinate reference system (a shapefile keeps it in its .prj file): "
                "add --srs EPSG:4326 or the one it is in."
            )
        )
    return Part(layer, where, srs if layer.geometry != "None" else "", known and layer.geometry != "None")


def _osm_parts(source: gdal.Source, layer: str, name: str, where: str) -> tuple[Part, ...]:
    selections = osm.SELECTIONS.get(layer)
    if selections is None:
        raise BadInput(_("OpenStreetMap data holds no %(layer)s.") % {"layer": layer})
    present = {found.name: found for found in source.layers}
    return tuple(
        Part(present[found], f"({wanted}) AND ({where})" if where else wanted, "", True)
        for found, wanted in selections
        if found in present and name in {"", found}
    )


def _fits(layer: gdal.SourceLayer, kinds: frozenset[str]) -> bool:
    plain = layer.geometry.replace("3D ", "").replace("Measured ", "").replace(" ", "")
    if not kinds or plain not in {*_SIMPLE, "None"}:
        return True
    return plain in kinds or (plain == "None" and "Point" in kinds)


def _table_options(srs: str, chosen: Mapping[str, str]) -> list[str]:
    options = ["-oo", "AUTODETECT_TYPE=NO", "-oo", _WKT]
    if srs:
        for axis, field in (("X", "lon"), ("Y", "lat")):
            names = [chosen[field]] if field in chosen else HEADINGS[field]
            options += ["-oo", f"{axis}_POSSIBLE_NAMES={','.join(names)}"]
    return options


def _as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    codec = _known(encoding or "utf-8")
    target = folder / path.name
    decoder = codecs.getincrementaldecoder(codec)()
    read = 0
    try:
        with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as copy:
            while block := source.read(_BLOCK):
                copy.write(decoder.decode(block))
                read += len(block)
            decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise BadInput(_undecodable(path, codec, encoding)) from error
    except OSError as error:
        raise BadInput(
            _("%(file)s cannot be read: %(reason)s.") % {"file": path.name, "reason": error.strerror}
        ) from error
    return target if codec != "utf-8" else path


def _undecodable(path: Path, codec: str, encoding: str) -> str:
    if encoding:
        return _("%(file)s is not written in %(codec)s.") % {"file": path.name, "codec": codec}
    return _("%(file)s is not written in UTF-8: say what it is, for Chinese tables mostly --encoding gb18030.") % {
        "file": path.name
    }


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise BadInput(_("There is no encoding “%(encoding)s”.") % {"encoding": encoding}) from error
