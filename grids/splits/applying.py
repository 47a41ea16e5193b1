"""Making a proposal the grids of a community from today on. Grids only: see `patrols.regridding` for the rest."""

from dataclasses import dataclass

import shapely
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Grid, GridLineage, Person, Region, SplitRun
from grids.models.grid import GridKind
from grids.models.splits import SplitState
from grids.problems import Conflict
from grids.splits.ground import to_django, to_shapely
from grids.splits.planning import Change, Succession


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: the grids of the proposal by key, and for each ended grid's id the one that has its code now."""

    grids: dict[int, Grid]
    successors: dict[int, Grid]


def lock(region: int) -> Region:
    """Lock a community until the transaction's end: of two who accept grids there, one waits."""
    locked: Region = Region.objects.select_for_update(no_key=True).get(pk=region)
    return locked


def apply(run: SplitRun, succession: Succession, person: Person | None) -> Applied:
    """End the old grids today and begin the new ones, with their lineage; raises Conflict if the run is accepted.

    The caller holds the lock of the community and planned the succession under it. A grid that began today and ends
    today never held: its period is empty.
    """
    taken = SplitRun.objects.filter(pk=run.pk, state=SplitState.PROPOSED, version=run.version).update(
        state=SplitState.ACCEPTED,
        accepted_at=timezone.now(),
        accepted_by=person,
        version=run.version + 1,
        changed_at=timezone.now(),
    )
    if not taken:
        raise Conflict(_("Something changed since this was shown: look at it again."))
    # Whoever files a report in one of these at this moment is waited for.
    ending = {
        grid.pk: grid for grid in Grid.objects.select_for_update().filter(pk__in=[g.pk for g in succession.ending])
    }
    for grid in ending.values():
        start = grid.period.lower
        held = start is None or start < succession.day
        grid.period = DateRange(start, succession.day) if held else DateRange(empty=True)
        grid.save(update_fields=["period"])
    result = Applied({}, {})
    for kind in (GridKind.SERVICE, GridKind.UNIT):
        _begin(succession, kind, result)
    GridLineage.objects.bulk_create(
        GridLineage(old=flow.old, new=result.grids[flow.new.key], share=flow.share) for flow in succession.flows
    )
    return result


def _begin(succession: Succession, kind: str, result: Applied) -> None:
    changes = [change for change in succession.changes if change.kind == kind]
    for change in changes:
        if change.same is not None:
            result.grids[change.key] = _kept(change.same, change)
    fresh = [change for change in changes if change.same is None]
    rows = Grid.objects.bulk_create(
        Grid(
            code=change.code,
            kind=kind,
            name=change.name,
            region=succession.region,
            parent=result.grids[change.parent] if change.parent is not None else None,
            households=change.households,
            geom=to_django(change.geometry),
            period=DateRange(succession.day, None),
        )
        for change in fresh
    )
    for change, row in zip(fresh, rows, strict=True):
        result.grids[change.key] = row
        if change.keeps is not None:
            result.successors[change.keeps.pk] = row


def _kept(grid: Grid, change: Change) -> Grid:
    """Let a row go on: with the households counted now, and the vertices that its neighbours have."""
    fields = []
    if change.households is not None and grid.households != change.households:
        grid.households = change.households
        fields.append("households")
    if not shapely.equals_exact(to_shapely(grid.geom), change.geometry, normalize=True):
        grid.geom = to_django(change.geometry)
        fields.append("geom")
    if fields:
        grid.save(update_fields=fields)
    return grid
