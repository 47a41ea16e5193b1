"""What accepting a proposal would do to the grids of a community, without doing it."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import shapely
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from grids.models import Grid, Region, SplitGrid, SplitRun
from grids.models.grid import GridKind
from grids.problems import BadInput
from grids.splits.ground import Ground, to_shapely
from grids.splits.matching import Comparison, Descent
from grids.splitting.plan import METRES_PER_DEGREE

MOST_GRIDS = 999
# The proposal may lie beside the boundary by what projecting and rounding move it, in metres.
NEAR_M = 0.05
SAME_M = 0.001
# What a unit grid may lie outside of a service grid and still be part of it.
WITHIN = 0.99


@dataclass(slots=True)
class Change:
    """One grid as it will be.

    `keeps` is the old grid whose code and name it has; `same` is set too where that row simply goes on.
    """

    key: int
    kind: str
    geometry: shapely.Polygon
    households: int | None
    parent: int | None = None
    name: str = ""
    code: str = ""
    same: Grid | None = None
    keeps: Grid | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What of an old grid is in a new one: the share for the lineage, and the households."""

    old: Grid
    new: Change
    share: float
    households: int

    @property
    def moves(self) -> bool:
        """Whether these households get another grid, and not the same one with another outline."""
        return self.new.keeps is None or self.new.keeps.pk != self.old.pk


@dataclass(slots=True)
class Succession:
    """What becomes of the grids of a community: which end, which are there then, and who descends from whom."""

    region: Region
    day: date
    ground: Ground
    changes: list[Change] = field(default_factory=list)
    ending: list[Grid] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    @property
    def beginning(self) -> list[Change]:
        """The grids that begin."""
        return [change for change in self.changes if change.same is None]

    @property
    def fingerprint(self) -> str:
        """A short name of all of it: another one means that something changed meanwhile."""
        parts = [f"{self.region.pk} {self.day}"]
        parts += [f"- {grid.pk} {grid.period}" for grid in self.ending]
        for change in self.changes:
            same, shape = change.same.pk if change.same else "", blake2b(shapely.to_wkb(change.geometry)).hexdigest()
            parts.append(f"+ {change.key} {change.kind} {change.code} {change.name} {change.parent} {same} {shape}")
        return blake2b("|".join(parts).encode(), digest_size=12).hexdigest()


def plan_succession(run: SplitRun) -> Succession:
    """Return what accepting a proposal would do today.

    Raises BadInput when it cannot be accepted: its cover is not the community's, numbers run out, or there are grids
    that begin on a coming day.
    """
    region, day = run.region, timezone.localdate()
    result = Succession(region, day, Ground(region))
    rows = list(run.grids.filter(present=True).order_by("kind", "number", "key"))
    kinds = {row.kind for row in rows}
    check_cover(rows, result.ground)
    present = list(
        Grid.objects.filter(region=region, period__contains=day).select_related("parent").order_by("kind", "code", "pk")
    )
    if Grid.objects.filter(region=region, kind__in=kinds, period__startswith__gt=day).exists():
        raise BadInput(_("This community has grids that begin on a coming day: end them first."))
    for kind in (GridKind.SERVICE, GridKind.UNIT):
        old = [grid for grid in present if grid.kind == kind]
        if kind in kinds:
            _add_kind(result, kind, [row for row in rows if row.kind == kind], old)
        elif kind == GridKind.UNIT:
            _keep_units(result, old)
    if kinds == {GridKind.UNIT}:
        _find_parents(result, [grid for grid in present if grid.kind == GridKind.SERVICE])
    return result


def check_cover(rows: list[SplitGrid], ground: Ground) -> None:
    """Raise BadInput unless the grids of each kind cover the community exactly."""
    for kind in {row.kind for row in rows}:
        polygons = [to_shapely(row.geom) for row in rows if row.kind == kind]
        if not shapely.coverage_is_valid(polygons):
            raise BadInput(_("The grids overlap or leave gaps between them."))
        beside = shapely.symmetric_difference(shapely.coverage_union_all(polygons), ground.boundary)
        if not shapely.is_empty(shapely.buffer(beside, -(NEAR_M / 2 + ground.leeway) / METRES_PER_DEGREE)):
            raise BadInput(_("The grids do not cover the community: its boundary is another one by now."))


def _add_kind(result: Succession, kind: str, rows: list[SplitGrid], old: list[Grid]) -> None:
    shapes = [to_shapely(row.geom) for row in rows]
    old_shapes = [to_shapely(grid.geom) for grid in old]
    compared = Comparison(old_shapes, shapes, result.ground.points())
    kept = compared.kept()
    parents = {change.key: change for change in result.changes if change.kind == GridKind.SERVICE}
    changes = []
    for index, row in enumerate(rows):
        change = Change(
            row.key,
            kind,
            shapes[index],
            row.households,
            row.parent,
            row.name,
            row.code,
            keeps=old[kept[index]] if index in kept else None,
        )
        if change.keeps and _as_before(old_shapes[kept[index]], shapes[index]) and _same_parent(change, parents):
            change.same = change.keeps
        changes.append(change)
    _name(result, kind, changes)
    _settle(result, old, changes, compared.descents())


def _as_before(old: shapely.Polygon, new: shapely.Polygon) -> bool:
    """Whether two outlines differ by no more than a neighbour's vertex on a straight edge moves it."""
    beside = shapely.symmetric_difference(old, new)
    return bool(shapely.is_empty(shapely.buffer(beside, -SAME_M / METRES_PER_DEGREE)))


def _same_parent(change: Change, parents: dict[int, Change]) -> bool:
    assert change.keeps is not None
    if change.parent is None or not parents:
        return True
    same = parents[change.parent].same
    return same is not None and change.keeps.parent_id == same.pk


def _settle(result: Succession, old: list[Grid], changes: list[Change], descents: list[Descent]) -> None:
    going_on = {change.same.pk for change in changes if change.same}
    result.changes += changes
    result.ending += [grid for grid in old if grid.pk not in going_on]
    result.flows += [
        Flow(old[one.old], changes[one.new], one.share, one.households)
        for one in descents
        if old[one.old].pk not in going_on and changes[one.new].same is None
    ]


def _name(result: Succession, kind: str, changes: list[Change]) -> None:
    """Give every grid its code and name: the old one's, else what its file says, else the next free number."""
    codes = Grid.objects.filter(region__code=result.region.code, kind=kind).values_list("code", flat=True)
    used = set(codes) | set(
        Grid.objects.filter(kind=kind, code__startswith=result.region.code).values_list("code", flat=True)
    )
    free = max((int(code[12:]) for code in used), default=0)
    for change in changes:
        if change.keeps:
            change.code, change.name = change.keeps.code, change.keeps.name
    wanted = [change for change in changes if not change.keeps]
    for change in wanted:
        fits = change.code.startswith(result.region.code) and change.code not in used
        change.code = change.code if fits else ""
        used.add(change.code)
    free = max([free, *(int(change.code[12:]) for change in wanted if change.code)])
    for change in wanted:
        if not change.code:
            free += 1
            change.code = f"{result.region.code}{free:03}"
        change.name = change.name or _default_name(result.region, kind, int(change.code[12:]))
    if free > MOST_GRIDS:
        raise BadInput(
            _("Only %(most)s numbers fit into a community's codes, and those used before are not given again.")
            % {"most": MOST_GRIDS}
        )


def _default_name(region: Region, kind: str, number: int) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        words = _("%(region)s unit grid %(number)s") if kind == GridKind.UNIT else _("%(region)s grid %(number)s")
        return words % {"region": region.name, "number": number}


def _keep_units(result: Succession, old: list[Grid]) -> None:
    """Let the present unit grids go on, below the service grids that they will lie in."""
    services = [change for change in result.changes if change.kind == GridKind.SERVICE]
    changes = []
    for number, grid in enumerate(old):
        shape = to_shapely(grid.geom)
        around = _around(shape, services)
        change = Change(
            -1 - number,
            grid.kind,
            shape,
            grid.households,
            around.key if around else None,
            grid.name,
            grid.code,
            keeps=grid,
        )
        above = around.same.pk if around and around.same else None
        if grid.parent_id == above and (above is not None or around is None):
            change.same = grid
        changes.append(change)
    _settle(result, old, changes, [Descent(index, index, 1.0, old[index].households or 0) for index in range(len(old))])


def _find_parents(result: Succession, services: list[Grid]) -> None:
    """Put new unit grids below the present service grids."""
    above = [
        Change(-1 - number, grid.kind, to_shapely(grid.geom), grid.households, None, grid.name, grid.code, grid, grid)
        for number, grid in enumerate(services)
    ]
    for change in result.changes:
        around = _around(change.geometry, above)
        change.parent = around.key if around else None
    result.changes = [*above, *result.changes]


def _around(shape: shapely.Polygon, services: list[Change]) -> Change | None:
    for service in services:
        if shapely.intersects(service.geometry, shape):
            part = shapely.area(shapely.intersection(service.geometry, shape)) / shapely.area(shape)
            if part >= WITHIN:
                return service
    return None
