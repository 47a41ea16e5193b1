"""Cells that were chosen on a map, as the forms that follow see them: where that is, what it holds, its outline."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from grids.models import Grid, Region
from grids.near import describe
from grids.planned_areas import PlannedArea, area_of_cells, area_of_grids
from grids.scope import Scope

KINDS = ("cells", "grids")
MOST_NAMED = 12
LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """An area with the words for it."""

    area: PlannedArea
    kind: str
    codes: str
    place: str
    community: Region
    grids: tuple[str, ...]
    more: int

    @property
    def hectares(self) -> str:
        """How large it is."""
        return f"{self.area.square_metres / 10_000:.1f}"

    @property
    def where(self) -> str:
        """What it is called: the place and its community."""
        return " · ".join(filter(None, (self.place, self.community.local_name)))

    @property
    def data(self) -> dict[str, Any]:
        """What the page's map draws."""
        return {"areas": [{"kind": "chosen", "name": "", "geometry": outline(self.area.geom)}]}


def codes_in(form: QueryDict, kind: str) -> list[str]:
    """Return the ids in an address or form: ?cells= or ?grids= several by comma, as often as it is given."""
    return [code.strip() for text in form.getlist(kind) for code in text.split(",") if code.strip()]


def is_chosen(form: QueryDict) -> bool:
    """Whether an address or form names any cell or grid."""
    return any(codes_in(form, kind) for kind in KINDS)


def chosen_area(scope: Scope, form: QueryDict) -> Chosen:
    """Return the area of the cells, or else the grids, in an address or form; raises Problem for what cannot be."""
    kind = next((kind for kind in KINDS if codes_in(form, kind)), "cells")
    codes = codes_in(form, kind)
    area = area_of_grids(scope, codes) if kind == "grids" else area_of_cells(scope, codes)
    found = describe(area.middle)
    grids = list(Grid.objects.filter(pk__in=area.grids).select_related("region").defer("geom", "region__geom"))
    grids.sort(key=lambda grid: grid.code)
    home = next((grid for grid in grids if found["grid"] and grid.pk == found["grid"]["id"]), grids[0])
    names = [f"{grid.region.local_name} {_('Grid %(number)s') % {'number': grid.number}}" for grid in grids]
    said, more = tuple(names[:MOST_NAMED]), max(0, len(names) - MOST_NAMED)
    return Chosen(area, kind, ",".join(codes), found["place"], home.region, said, more)


def why_in(form: QueryDict) -> str:
    """Return the reason that came along with the cells, at most as long as one may be."""
    return form.get("why", "").strip()[:LONGEST_WHY]


def name_for(chosen: Chosen) -> str:
    """Return what something for the area may be called."""
    return (chosen.place or chosen.community.local_name)[:60]


def outline(geom: Any) -> dict[str, Any]:
    """Return a polygon or several as GeoJSON, to the decimetre."""

    def rounded(part: Any) -> Any:
        return [rounded(one) for one in part] if isinstance(part, tuple | list) else round(part, 6)

    read = json.loads(geom.geojson)
    return {"type": read["type"], "coordinates": rounded(read["coordinates"])}


def grid_names(chosen: Chosen) -> str:
    """Return the grids that an area touches, in words."""
    said = pgettext("list", ", ").join(chosen.grids)
    return _("%(names)s and %(count)s more") % {"names": said, "count": chosen.more} if chosen.more else said
