"""What accepting a proposal would change for whom, shown before. What is confirmed is exactly what was shown."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

import shapely
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from grids.holders import Holder
from grids.models import Assignment, Checkpoint, Grid, SplitRun
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole
from grids.problems import NotFound
from grids.scope import Scope
from grids.splits import Change, Succession, plan_succession
from grids.splits.editing import visible
from grids.splits.ground import to_shapely
from patrols.models import Report
from patrols.workflow import OPEN_STATES


@dataclass(slots=True)
class Concerned:
    """Somebody who answers for a grid that ends: for what they did and will, and the households that come and go."""

    holder: Holder
    role: str
    before: Grid
    after: Change | None
    coming: int
    going: int

    @property
    def effect(self) -> str:
        """In a word: `ends` without a grid that goes on, else `gains`, `loses`, `changes`, or `keeps` the same load."""
        if self.after is None:
            return "ends"
        if self.coming and self.going:
            return "changes"
        return "gains" if self.coming else "loses" if self.going else "keeps"


@dataclass(slots=True)
class Load:
    """What lies in a grid."""

    reports: int = 0
    checkpoints: int = 0


@dataclass
class Preview:
    """What accepting a proposal would do."""

    run: SplitRun
    succession: Succession
    assignments: list[Assignment]
    concerned: list[Concerned] = field(default_factory=list)
    loads: dict[int, Load] = field(default_factory=dict)  # by key of the new grid
    moving: Load = field(default_factory=Load)

    @cached_property
    def households(self) -> int:
        """How many households get another grid."""
        return sum(flow.households for flow in self.succession.flows if flow.moves and flow.old.kind == self.kind)

    @cached_property
    def kind(self) -> str:
        """The kind of grid that people are counted in."""
        kinds = {change.kind for change in self.succession.changes if change.key >= 0}
        return GridKind.SERVICE if GridKind.SERVICE in kinds else GridKind.UNIT

    @property
    def owners(self) -> dict[int, list[Holder]]:
        """Who owns each new grid, by its key; nobody where a grid is not in it."""
        found: dict[int, list[Holder]] = {}
        for row in self.concerned:
            if row.after is not None and row.role == AssignmentRole.OWNER:
                found.setdefault(row.after.key, []).append(row.holder)
        return found

    @property
    def fingerprint(self) -> str:
        """A short name of what would be done; reports are not in it, they follow as they stand."""
        parts = [self.succession.fingerprint, f"{self.run.pk} {self.run.version}"]
        parts += [f"{row.pk} {row.role} {row.grid_id} {row.period}" for row in self.assignments]
        return blake2b("|".join(parts).encode(), digest_size=12).hexdigest()


def preview(scope: Scope, identity: int) -> Preview:
    """Return what accepting a proposal would do now; raises NotFound, and BadInput when it cannot be accepted."""
    run = visible(scope).filter(pk=identity).select_related("region", "head").first()
    if run is None:
        raise NotFound(_("There is no such proposal here."))
    return preview_of(run)


def preview_of(run: SplitRun) -> Preview:
    """Return what accepting a proposal would do now, in a number of queries that does not grow with it."""
    succession = plan_succession(run)
    result = Preview(run, succession, list(assignments_of(succession)))
    _add_concerned(result)
    services = [change for change in succession.changes if change.kind == GridKind.SERVICE]
    for change in services:
        result.loads[change.key] = Load()
    _add_reports(result, services)
    _add_checkpoints(result, services)
    return result


def assignments_of(succession: Succession) -> QuerySet[Assignment]:
    """Return who answers for the grids that end, today or later."""
    rows: QuerySet[Assignment] = Assignment.objects.not_over().filter(grid__in=[grid.pk for grid in succession.ending])
    return rows.select_related("person", "team", "organisation").order_by("grid__code", "role", "pk")


def open_reports(succession: Succession) -> QuerySet[Report]:
    """Return the open reports of a community whose grid ends, or that had none."""
    code, ending = succession.region.code, [grid.pk for grid in succession.ending]
    rows = Report.objects.filter(district=code[:6], region_code=code, state__in=OPEN_STATES)
    return rows.filter(Q(grid__in=ending) | Q(grid=None))


def _add_concerned(result: Preview) -> None:
    succession = result.succession
    grids = {grid.pk: grid for grid in succession.ending}
    after = {change.keeps.pk: change for change in succession.changes if change.keeps and not change.same}
    going: Counter[int] = Counter()
    coming: Counter[int] = Counter()
    for flow in succession.flows:
        if flow.moves:
            going[flow.old.pk] += flow.households
            coming[flow.new.key] += flow.households
    for row in result.assignments:
        assert row.grid_id is not None
        change = after.get(row.grid_id)
        come = coming[change.key] if change else 0
        result.concerned.append(Concerned(row.holder, row.role, grids[row.grid_id], change, come, going[row.grid_id]))


def _add_reports(result: Preview, services: list[Change]) -> None:
    rows = list(open_reports(result.succession).values_list("grid", "anchor"))
    for (grid, _anchor), change in zip(rows, _found(services, (anchor for _grid, anchor in rows)), strict=True):
        if change is None:
            continue
        result.loads[change.key].reports += 1
        result.moving.reports += change.keeps is None or change.keeps.pk != grid
    kept = {change.same.pk: change.key for change in services if change.same}
    stay = Report.objects.filter(grid__in=kept, state__in=OPEN_STATES).values_list("grid", flat=True)
    for grid in stay:
        result.loads[kept[grid]].reports += 1


def _add_checkpoints(result: Preview, services: list[Change]) -> None:
    rows = Checkpoint.objects.current().filter(region__code=result.succession.region.code)
    places = [shapely.point_on_surface(to_shapely(geom)) for geom in rows.values_list("geom", flat=True)]
    old = [grid for grid in result.succession.ending if grid.kind == GridKind.SERVICE]
    before = _positions([to_shapely(grid.geom) for grid in old], places)
    after = _positions([change.geometry for change in services], places)
    for one, two in zip(before, after, strict=True):
        if two is None:
            continue
        change = services[two]
        result.loads[change.key].checkpoints += 1
        moved = one is not None and (change.keeps is None or change.keeps.pk != old[one].pk)
        result.moving.checkpoints += moved


def _found(services: list[Change], anchors: Iterable[object]) -> list[Change | None]:
    places = [to_shapely(anchor) for anchor in anchors]  # type: ignore[arg-type]
    ordered = sorted(services, key=lambda change: change.code)
    return [None if at is None else ordered[at] for at in _positions([change.geometry for change in ordered], places)]


def _positions(shapes: list[shapely.Polygon], places: list[shapely.Point]) -> list[int | None]:
    """Return the position of the first shape that covers each place."""
    found: list[int | None] = [None] * len(places)
    if shapes and places:
        for place, shape in sorted(shapely.STRtree(shapes).query(places, predicate="intersects").T.tolist()):
            if found[place] is None:
                found[place] = shape
    return found
