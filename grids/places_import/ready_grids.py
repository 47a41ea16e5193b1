"""Grids from a file: gathered by community, and stored as one proposal for each."""

from collections.abc import Iterable, Mapping

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids.geometry import AREAS
from grids.geometry_guard import to_geos
from grids.models import Region
from grids.models.grid import GridKind
from grids.models.places import RegionLevel
from grids.places_import.cells import text
from grids.places_import.outcome import Count, Outcome
from grids.places_import.rows import CODE
from grids.problems import BadInput
from grids.splits.findings import TOLERANCE_M
from grids.splits.ready_made import ReadyGrid, propose

FIELDS = ("id", "code", "name", "region", "kind")
KINDS = AREAS
_WORDS = {
    "service": GridKind.SERVICE,
    "基础网格": GridKind.SERVICE,
    "服务网格": GridKind.SERVICE,
    "unit": GridKind.UNIT,
    "单元网格": GridKind.UNIT,
}
Placed = tuple[Region, GridKind, ReadyGrid]


def row_of(values: Mapping[str, object], geometry: BaseGeometry, region: str) -> Placed:
    """Return a feature as a grid of its community: by its code, its region, or else by where it lies."""
    code = text(values.get("code"), 40, "code")
    if code and not (code.isascii() and code.isdigit() and len(code) in {3, 15}):
        raise BadInput(_("The code “%(code)s” has neither 3 nor 15 digits.") % {"code": code})
    word = text(values.get("kind"), 40, "kind").casefold()
    if word and word not in _WORDS:
        raise BadInput(
            _("The kind “%(kind)s” is not one of %(kinds)s.") % {"kind": word, "kinds": ", ".join(sorted(_WORDS))}
        )
    wanted = text(values.get("region"), 40, "region") or region or (code[:12] if len(code) == 15 else "")
    community = _community(wanted, geometry)
    if code and len(code) == 3:
        code = community.code + code
    grid = ReadyGrid(geometry, text(values.get("name"), 120, "name"), code)
    return community, _WORDS.get(word, GridKind.SERVICE), grid


def propose_all(rows: Iterable[Placed], outcome: Outcome, tolerance: float = TOLERANCE_M) -> None:
    """Store a proposal for each community and kind, and say in the report what was repaired."""
    groups: dict[tuple[str, str], list[Placed]] = {}
    for row in rows:
        groups.setdefault((row[0].code, row[1]), []).append(row)
    made = 0
    for (code, kind), found in sorted(groups.items()):
        region = found[0][0]
        run = propose(region, [grid for _region, _kind, grid in found], kind=kind, tolerance=tolerance)
        made += len(found)
        shown = {"region": region.local_name, "code": code, "grids": len(found), "run": run.pk}
        outcome.warnings.append(
            _("%(region)s (%(code)s): %(grids)s grids are proposal %(run)s; it has to be accepted.") % shown
        )
        if run.remarks:
            area = sum(float(remark["values"]["area"]) for remark in run.remarks)
            outcome.warnings.append(
                _("%(count)s gaps and overlaps (%(area)s m²) were closed; look at them in the proposal.")
                % {"count": len(run.remarks), "area": round(area)}
            )
    outcome.counts.append(Count("grids", made, 0, 0))


def _community(code: str, geometry: BaseGeometry) -> Region:
    rows = Region.objects.current().filter(level=RegionLevel.COMMUNITY).order_by("code")
    if code:
        if not CODE.fullmatch(code) or len(code) != 12:
            raise BadInput(_("“%(code)s” is no code of a community (12 digits).") % {"code": code})
        found = rows.filter(code=code).first()
    else:
        found = rows.filter(geom__covers=to_geos(shapely.point_on_surface(geometry))).first()
    if found is None:
        raise BadInput(_("It lies in no known community: import the regions first, or give --region."))
    community: Region = found
    return community
