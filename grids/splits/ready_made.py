"""Grids that a city has already, as a proposal: examined, repaired under a tolerance, stored to be accepted."""

from collections.abc import Callable, Sequence
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
from grids.splitting.repairing import repaired

WIDEST_M = 20.0


@dataclass(frozen=True, slots=True)
class ReadyGrid:
    """One grid of a file: its valid area in WGS-84, and what the file calls it (a code has 15 digits or is empty)."""

    geometry: BaseGeometry
    name: str = ""
    code: str = ""


def check_tolerance(tolerance: float) -> None:
    """Raise BadInput for a tolerance that cannot be."""
    if not 0 < tolerance <= WIDEST_M:
        raise BadInput(_("The tolerance must be more than 0 and at most %(most)s metres.") % {"most": int(WIDEST_M)})


def propose(
    region: Region,
    grids: Sequence[ReadyGrid],
    *,
    kind: str = GridKind.SERVICE,
    tolerance: float = TOLERANCE_M,
    person: Person | None = None,
) -> SplitRun:
    """Store ready-made grids of one kind as a proposal; raises what `draft_of` raises."""
    return store(draft_of(region, grids, kind=kind, tolerance=tolerance, person=person))


def draft_of(
    region: Region,
    grids: Sequence[ReadyGrid],
    *,
    kind: str = GridKind.SERVICE,
    tolerance: float = TOLERANCE_M,
    person: Person | None = None,
    tell: Callable[[str, float], None] = lambda _step, _share: None,
) -> Draft:
    """Return ready-made grids of one kind as a proposal that is not stored yet, its repairs among its remarks.

    Raises BadInput when gaps, overlaps or pieces are wider than the tolerance, with the largest of them. `tell` gets
    each step and the share that is done before it.
    """
    if not grids:
        raise BadInput(_("There are no grids for this community in the file."))
    check_tolerance(tolerance)
    ground = Ground(region)
    tell(_("Closing gaps and overlaps"), 0.0)
    found = repaired([grid.geometry for grid in grids], ground.boundary, tolerance)
    if found.open:
        raise BadInput(said(region, found.open, [grid.name or grid.code for grid in grids]))
    numbers = {index: place + 1 for place, index in enumerate(order(np.array(found.polygons, object)).tolist())}
    patches = {
        numbers[index]: Patch(numbers[index], numbers[index], kind, None, grid.name, grid.code)
        for index, grid in enumerate(grids)
    }
    areas = [(numbers[index], polygon) for index, polygon in enumerate(found.polygons)]
    tell(_("Fitting the blocks"), 0.3)
    plan = plan_of(patches, sorted(areas, key=lambda pair: pair[0]), ground)
    parameters: dict[str, Any] = {"tolerance": tolerance}
    tell(_("Measuring the grids"), 0.7)
    told = measured(plan, ground, parameters)
    return Draft(
        region=region,
        source=SplitSource.FILE,
        plan=plan,
        quality=told.figures,
        tallies=told.tallies,
        parameters=parameters,
        remarks=[remark_of(one, numbers) for one in found.closed],
        person=person,
    )
