"""Grids that a city has already, as a proposal: examined, repaired under a tolerance, stored to be accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids.models import Person, Region, SplitRun
from grids.models.grid import GridKind
from grids.models.splits import SplitSource
from grids.problems import BadInput
from grids.splits.findings import TOLERANCE_M, remark_of, said
from grids.splits.ground import Ground
from grids.splits.quality import measured
from grids.splits.sources import plan_of
from grids.splits.storing import Draft, store
from grids.splitting.numbering import order
from grids.splitting.plan import Patch
from grids.splitting.repairing import Repair, repaired

WIDEST_M = 20.0


@dataclass(frozen=True, slots=True)
class ReadyGrid:
    """One grid of a file: its valid area in WGS-84, and what the file calls it (a code has 15 digits or is empty)."""

    geometry: BaseGeometry
    name: str = ""
    code: str = ""


def examine(region: Region, grids: Sequence[ReadyGrid], tolerance: float = TOLERANCE_M) -> Repair:
    """Return what repairing would do, without storing anything; raises BadInput for a tolerance that cannot be."""
    if not 0 < tolerance <= WIDEST_M:
        raise BadInput(_("The tolerance must be more than 0 and at most %(most)s metres.") % {"most": int(WIDEST_M)})
    return repaired([grid.geometry for grid in grids], Ground(region).boundary, tolerance)


def propose(
    region: Region,
    grids: Sequence[ReadyGrid],
    *,
    kind: str = GridKind.SERVICE,
    tolerance: float = TOLERANCE_M,
    person: Person | None = None,
) -> SplitRun:
    """Store ready-made grids of one kind as a proposal with what was repaired among its remarks.

    Raises BadInput when gaps, overlaps or pieces are wider than the tolerance, with the largest of them.
    """
    if not grids:
        raise BadInput(_("There are no grids for this community in the file."))
    found = examine(region, grids, tolerance)
    if found.open:
        raise BadInput(said(region, found.open, [grid.name or grid.code for grid in grids]))
    ground = Ground(region)
    numbers = {index: place + 1 for place, index in enumerate(order(np.array(found.polygons, object)).tolist())}
    patches = {
        numbers[index]: Patch(numbers[index], numbers[index], kind, None, grid.name, grid.code)
        for index, grid in enumerate(grids)
    }
    areas = [(numbers[index], polygon) for index, polygon in enumerate(found.polygons)]
    plan = plan_of(patches, sorted(areas, key=lambda pair: pair[0]), ground)
    parameters: dict[str, Any] = {"tolerance": tolerance}
    return store(
        Draft(
            region=region,
            source=SplitSource.FILE,
            plan=plan,
            quality=measured(plan, ground, parameters),
            parameters=parameters,
            remarks=[remark_of(one, numbers) for one in found.closed],
            person=person,
        )
    )
