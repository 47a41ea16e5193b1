"""Grids that a city has already, from a file: read in a child process, repaired under a tolerance, made a proposal."""

import math

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from grids.lists import geodata
from grids.lists.content import MOST_BYTES, recognise
from grids.models import Person, Region, SplitRun
from grids.places_import.columns import resolve
from grids.places_import.ready_grids import FIELDS, row_of
from grids.problems import BadInput
from grids.splits.ready_made import ReadyGrid, propose

FORMATS = {"shapefile", "geojson", "geopackage"}
# The community is the one that was chosen; a column of the file does not send its grids elsewhere.
COLUMNS = tuple(name for name in FIELDS if name not in {"id", "region"})


def bring(request: HttpRequest, region: Region) -> SplitRun:
    """Store the grids of the request's file as a proposal for a community.

    Raises BadInput with one sentence for a file that holds no grids, for grids of both kinds, and for gaps and overlaps
    wider than the tolerance; nothing is written then.
    """
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BadInput(_("Choose a file."))
    if (file.size or 0) > MOST_BYTES:
        raise BadInput(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES >> 20})
    grids, kind = _read(file.read(), region)
    assert isinstance(request.user, Person)
    return propose(region, grids, kind=kind, tolerance=_metres(request.POST.get("tolerance", "")), person=request.user)


def _read(data: bytes, region: Region) -> tuple[list[ReadyGrid], str]:
    form = recognise(data)
    if form not in FORMATS:
        raise BadInput(_("This file holds no areas: send GeoJSON, GeoPackage or a zipped Shapefile."))
    table = geodata.read(data, form).grid
    names = [str(name) for name in table.rows[0][1]]
    columns = resolve(COLUMNS, names, {}, {})
    grids: list[ReadyGrid] = []
    kinds: set[str] = set()
    for number, cells in table.rows[1:]:
        shape = table.shapes.get(number)
        if shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"}:
            raise BadInput(_("Row %(row)s of the file has no usable area.") % {"row": number})
        values = columns.values(dict(zip(names, cells, strict=False)))
        _region, kind, grid = row_of(values, shape, region.code)
        kinds.add(kind)
        grids.append(grid)
    if len(kinds) > 1:
        raise BadInput(_("The file holds service grids and unit grids: send one kind at a time."))
    return grids, kinds.pop() if kinds else ""


def _metres(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(_("The tolerance is a number of metres."))
    return value
