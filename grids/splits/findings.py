"""What was found beside or upon each other where grids should meet, in words and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from django.utils.translation import gettext as _

from grids.models import Region
from grids.splitting.repairing import Finding

# Up to how many metres gaps and overlaps are closed unless somebody says otherwise.
TOLERANCE_M = 2.0
MOST_TOLD = 5


def said(region: Region, findings: Sequence[Finding], names: Sequence[str]) -> str:
    """Return one sentence that tells the largest findings."""
    words = {
        "gap": _("a gap of %(area)s m² beside %(grids)s"),
        "overlap": _("an overlap of %(area)s m² of %(grids)s"),
        "outside": _("%(area)s m² of %(grids)s outside of the community"),
        "piece": _("a piece of %(area)s m² apart from the rest of %(grids)s"),
        "missing": _("nothing left of %(grids)s"),
    }
    largest = sorted(findings, key=lambda one: -one.area)[:MOST_TOLD]
    told = "; ".join(
        words[one.code]
        % {
            "area": round(one.area),
            "grids": ", ".join(names[at] or f"#{at + 1}" for at in one.grids) or "—",
        }
        for one in largest
    )
    return _("The grids of %(region)s need a look before they can be proposed (%(count)s places): %(told)s.") % {
        "region": region.local_name,
        "count": len(findings),
        "told": told,
    }


def remark_of(one: Finding, numbers: Mapping[int, int]) -> dict[str, Any]:
    """Return a finding that was closed as a remark of a proposal; `numbers` says which grid each position is."""
    shape = shapely.to_geojson(one.geometry) if one.geometry is not None else None
    values = {"area": one.area, "grids": [numbers[at] for at in one.grids], "geometry": shape}
    return {"code": f"repaired_{one.code}", "values": values}
