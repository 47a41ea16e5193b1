"""GDAL at arm's length: ogrinfo and ogr2ogr in child processes with limits, so that no file can take us down.

A hostile file can crash GDAL, make it eat memory, or keep it busy for ever (a position of 1e200 to be reprojected
does); all three end here as one sentence.
"""

import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from grids.problems import BadInput

MEMORY_BYTES = 4 << 30
CPU_SECONDS = 3600
# How long the child may say nothing while it reads no further in its file either.
SILENCE_SECONDS = 120.0
LINE_BYTES = 64 << 20
# Drivers that open other files or reach the network through what a file says.
_SKIPPED = (
    "OGR_VRT,VRT,WFS,OAPIF,HTTP,CSW,GMLAS,PostgreSQL,MySQL,MSSQLSpatial,ODBC,PGeo,Elasticsearch,Carto,AmigoCloud,"
    "PLSCENES,NGW,EEDA,OGCAPI,GPSBabel,PDS4,MVT"
)
_DRIVER = re.compile(r"using driver `(.+?)' successful")
_FIELD = re.compile(r"^(.+): (?:String|Integer|Integer64|Real|Date|Time|DateTime|Binary)[\w()]* \(\d+\.\d+\)")
_ERROR = re.compile(r"^(?:ERROR \d+|FAILURE): ?(.*)")


@dataclass(frozen=True, slots=True)
class SourceLayer:
    """One layer of a file: its features' declared type, their number if known, and its columns."""

    name: str
    geometry: str
    count: int | None
    has_crs: bool
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that GDAL can read."""

    path: str
    driver: str
    layers: tuple[SourceLayer, ...]
    options: tuple[str, ...] = ()


def describe(path: Path, options: Sequence[str] = (), *, cpu_seconds: int = CPU_SECONDS) -> Source:
    """Return what GDAL finds in a file or folder; one sentence if it finds nothing."""
    if not all(shutil.which(program) for program in ("prlimit", "ogrinfo", "ogr2ogr")):
        raise BadInput(_("GDAL is missing: install the package gdal-bin."))
    target = f"/vsizip/{path.resolve()}" if path.suffix.lower() == ".zip" else str(path.resolve())
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; the file is an absolute path
                _command("ogrinfo", ["-ro", "-so", "-al", *options, target], cpu_seconds),
                capture_output=True,
                env=_environment(folder),
                timeout=min(10 * SILENCE_SECONDS, 2 * cpu_seconds),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BadInput(_("%(file)s cannot be read: it kept GDAL busy too long.") % {"file": path.name}) from error
    errors = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        raise BadInput(_unreadable(path.name, done.returncode, errors))
    text = done.stdout.decode("utf-8", "replace")
    driver = _DRIVER.search(text)
    layers = tuple(_layer(block) for block in re.split(r"^Layer name: ", text, flags=re.MULTILINE)[1:])
    if not layers:
        raise BadInput(_("%(file)s holds no layer with features.") % {"file": path.name})
    return Source(target, driver[1] if driver else "", layers, tuple(options))


class Stream:
    """The features of one layer as lines of GeoJSON, in EPSG:4326 unless the layer has no reference system."""

    def __init__(
        self,
        source: Source,
        layer: str,
        *,
        where: str = "",
        srs: str = "",
        reproject: bool = True,
        cpu_seconds: int = CPU_SECONDS,
    ) -> None:
        self._source = source
        self._cpu_seconds = cpu_seconds
        self._process: subprocess.Popen[bytes] | None = None
        arguments = ["-f", "GeoJSONSeq", "/vsistdout/", source.path, layer, "-dim", "XY", "-nlt", "CONVERT_TO_LINEAR"]
        arguments += ["-lco", "COORDINATE_PRECISION=9", *source.options]
        if where:
            arguments += ["-where", where]
        if srs:
            arguments += ["-s_srs", srs]
        if reproject:
            arguments += ["-t_srs", "EPSG:4326"]
        self._arguments = arguments
        self._size = os.path.getsize(source.path) if os.path.isfile(source.path) else 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield one line per feature; raise one sentence if GDAL fails, dies or falls silent."""
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as errors:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program; the file is an absolute path
                _command("ogr2ogr", self._arguments, self._cpu_seconds),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(folder),
            )
            try:
                yield from self._lines()
                self._process.wait()
                self._check(self._process.returncode, errors)
            finally:
                self._process.kill()
                self._process.wait()
                assert self._process.stdout is not None
                self._process.stdout.close()

    def share(self) -> float | None:
        """Return how much of the file the child has read, from 0 to 1, where the system tells."""
        place = self._position()
        # At the end of the file GDAL still puts relations together: the share no longer tells the time left.
        return place / self._size if 0 < place < self._size else None

    def _lines(self) -> Iterator[bytes]:
        assert self._process is not None
        assert self._process.stdout is not None
        number = self._process.stdout.fileno()
        rest = bytearray()
        while chunk := self._read(number):
            head, newline, tail = chunk.rpartition(b"\n")
            if newline:
                yield from (bytes(rest) + head).split(b"\n")
                rest = bytearray(tail)
            else:
                rest += tail
            if len(rest) > LINE_BYTES:
                raise BadInput(_("A feature of %(file)s is larger than %(most)s MB.") % self._names(LINE_BYTES >> 20))
        if rest:
            yield bytes(rest)

    def _read(self, number: int) -> bytes:
        place, since = self._position(), time.monotonic()
        while not select.select([number], [], [], min(1.0, SILENCE_SECONDS))[0]:
            if self._position() != place:
                place, since = self._position(), time.monotonic()
            if time.monotonic() - since >= SILENCE_SECONDS:
                raise BadInput(_("%(file)s cannot be read: it kept GDAL busy too long.") % self._names())
        return os.read(number, 1 << 18)

    def _position(self) -> int:
        """Return the furthest place of the input file at which the child stands (Linux), else 0."""
        if self._process is None:
            return 0
        base = Path(f"/proc/{self._process.pid}")
        places = [0]
        try:
            for link in (base / "fd").iterdir():
                if os.readlink(link) == self._source.path:
                    info = (base / "fdinfo" / link.name).read_text()
                    places.append(int(info.split(maxsplit=2)[1]))
        except OSError:
            return 0
        return max(places)

    def _check(self, code: int, errors: IO[bytes]) -> None:
        errors.seek(0)
        text = errors.read(20_000).decode("utf-8", "replace")
        # Of a file that breaks off GDAL tells in words only, and calls it a success.
        if code or any(line.startswith("ERROR ") for line in text.splitlines()):
            raise BadInput(_unreadable(Path(self._source.path).name, code, text))

    def _names(self, most: int = 0) -> dict[str, object]:
        return {"file": Path(self._source.path).name, "most": most}


def _command(program: str, arguments: Sequence[str], cpu_seconds: int) -> list[str]:
    return ["prlimit", f"--as={MEMORY_BYTES}", f"--cpu={cpu_seconds}", "--core=0", program, *arguments]


def _environment(folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "GDAL_DATA", "PROJ_LIB", "PROJ_DATA") if name in os.environ}
    return {
        **kept,
        "LC_ALL": "C.UTF-8",
        "HOME": folder,
        "CPL_TMPDIR": folder,
        "OGR_SKIP": _SKIPPED,
        "GDAL_SKIP": _SKIPPED.replace(",", " "),
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "PROJ_NETWORK": "OFF",
        # The first row of a sheet names its columns, also where every cell is text.
        "OGR_XLSX_HEADERS": "FORCE",
        "OGR_XLS_HEADERS": "FORCE",
        "OGR_ODS_HEADERS": "FORCE",
        "OSM_CONFIG_FILE": str(Path(__file__).with_name("osmconf.ini")),
    }


def _layer(block: str) -> SourceLayer:
    lines = block.splitlines()
    facts = dict(line.split(": ", 1) for line in lines if line.startswith(("Geometry: ", "Feature Count: ")))
    at = lines.index("Layer SRS WKT:") if "Layer SRS WKT:" in lines else len(lines)
    has_crs = at + 1 < len(lines) and lines[at + 1].strip() not in {"", "(unknown)"}
    count = int(facts.get("Feature Count", "-1"))
    fields = tuple(match[1] for line in lines[at:] if (match := _FIELD.match(line)))
    return SourceLayer(lines[0], facts.get("Geometry", "Unknown (any)"), count if count >= 0 else None, has_crs, fields)


def _unreadable(name: str, code: int, errors: str) -> str:
    if code < 0 and -code in {signal.SIGXCPU, signal.SIGKILL}:
        return _("%(file)s cannot be read: it kept GDAL busy too long.") % {"file": name}
    if code < 0:
        shown = {"file": name, "signal": signal.Signals(-code).name}
        return _("%(file)s cannot be read: it made GDAL crash (%(signal)s).") % shown
    if ".shx" in errors:
        return _("%(file)s cannot be read: its .shx file is missing; keep .shp, .shx, .dbf and .prj together.") % {
            "file": name
        }
    reasons = [match[1].strip() for line in errors.splitlines() if (match := _ERROR.match(line)) and match[1].strip()]
    specific = [reason for reason in reasons if not reason.startswith("Unable to open datasource")]
    if not specific:
        return _("%(file)s cannot be read: it is of no kind that GDAL knows, or a table of a single column.") % {
            "file": name
        }
    return _("%(file)s cannot be read: %(reason)s.") % {"file": name, "reason": specific[0].rstrip(".")}
