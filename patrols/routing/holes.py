"""Where the rules in force give nobody some category of problems (派遣空白): by geometry, community by community."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import shapely
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from grids.holders import reach_to
from grids.models import Assignment, Category, Grid, Membership, Organisation, Region
from grids.models.catalogue import Acts
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole
from grids.models.places import RegionLevel
from grids.splitting.crs import plane_of
from patrols.models import RoutingRule
from patrols.models.routing import RulePlace, RuleTarget, RuleTime
from patrols.requirements import may_act
from patrols.routing.keeping import rules_around
from patrols.routing.reading import catalogue

HECTARE = 10_000.0
LEAST = 0.01  # hectares: outlines that should touch differ by slivers
NOTHING: BaseGeometry = shapely.Polygon()
OWNS = (AssignmentRole.OWNER, AssignmentRole.DEPUTY)


@dataclass(frozen=True)
class Hole:
    """A part of a community where some categories are given to nobody; areas in hectares, outline in EPSG:4326.

    `at_times` is the part where somebody gets them at some hours or days only; it is not within `never`.
    """

    community: str
    name: str
    categories: tuple[str, ...]
    whole: float
    never: float
    at_times: float
    outline: BaseGeometry


@dataclass
class Ground:
    """What there is today: outlines in EPSG:4326."""

    today: date
    rules: list[RoutingRule]
    bodies: list[tuple[Organisation, BaseGeometry]]
    owned: dict[str, list[tuple[Assignment, BaseGeometry]]]
    reach: dict[int, list[str]]
    zones: dict[int, BaseGeometry] = field(default_factory=dict)
    of_kind: dict[str, BaseGeometry] = field(default_factory=dict)  # of all bodies of a kind, once for all communities


def holes_of(
    region: str, held: Sequence[RoutingRule] | None = None, categories: Sequence[Category] | None = None
) -> list[Hole]:
    """Return the holes of the communities in a region (a code), the largest first.

    Pieces under 100 m² are not counted. A zone that is a line covers nothing here: its 30 m are no area of their own.
    Who has read the rules in force in the district (`keeping.rules_around`) and the catalogue already gives them.
    """
    communities = list(Region.objects.current().filter(level=RegionLevel.COMMUNITY, code__startswith=region))
    rules = rules_around(region, None)[1] if held is None else held
    ground = _read(region, [row.code for row in communities], [rule for rule in rules if rule.active])
    known = catalogue() if categories is None else categories
    found: list[Hole] = []
    for community in communities:
        found += _of_community(community, ground, known)
    return sorted(found, key=lambda hole: (-hole.never, -hole.at_times, hole.community, hole.categories))


def _of_community(community: Region, ground: Ground, categories: Sequence[Category]) -> Iterable[Hole]:
    outline = _shape(community.geom)
    rules = [rule for rule in ground.rules if community.code.startswith(rule.region_code)]
    # Categories of which the same rules give to the same have the same holes.
    alike: dict[tuple[str, str, tuple[int, ...]], list[Category]] = {}
    for category in categories:
        fitting = tuple(rule.pk for rule in rules if _is_for(rule, category))
        alike.setdefault((category.body, category.acts, fitting), []).append(category)
    for key, members in alike.items():
        mine = [rule for rule in rules if rule.pk in key[2]]
        always, sometimes = _covered(mine, members[0], community.code, ground)
        nobody = _area_only(outline.difference(sometimes))
        lacking = _area_only(outline.difference(always))
        never, at_times = hectares(nobody), hectares(lacking) - hectares(nobody)
        if max(never, at_times) >= LEAST:
            codes = tuple(category.code for category in members)
            yield Hole(community.code, community.local_name, codes, hectares(outline), never, at_times, lacking)


def _covered(
    rules: Iterable[RoutingRule], category: Category, code: str, ground: Ground
) -> tuple[BaseGeometry, BaseGeometry]:
    """Return where somebody gets a category at any time, and where at some time."""
    parts: dict[str, list[BaseGeometry]] = {}
    for rule in rules:
        holds = rule.time == RuleTime.DATES
        if holds and not (rule.first_day or date.min) <= ground.today <= (rule.last_day or date.max):
            continue
        area = _target_area(rule, category, code, ground)
        if rule.place == RulePlace.ZONE:
            area = area.intersection(ground.zones.get(rule.zone_id or 0, NOTHING))
        parts.setdefault(RuleTime.ANY if holds else rule.time, []).append(area)
    areas = {time: _union(found) for time, found in parts.items()}
    both = areas.get(RuleTime.WORKING, NOTHING).intersection(areas.get(RuleTime.OUTSIDE, NOTHING))
    always = _union([areas.get(RuleTime.ANY, NOTHING), both])
    return always, _union([always, *areas.values()])


def _target_area(rule: RoutingRule, category: Category, code: str, ground: Ground) -> BaseGeometry:
    """Return where whom a rule names may get a category in a community."""
    if rule.target == RuleTarget.BODY:
        if category.body not in ground.of_kind:
            ground.of_kind[category.body] = _union(area for body, area in ground.bodies if body.kind == category.body)
        return ground.of_kind[category.body]
    if rule.target == RuleTarget.ORGANISATION:
        mine = [row for row in ground.bodies if row[0].pk == rule.organisation_id and may_act(category, row[0])]
        return mine[0][1] if mine else NOTHING
    if rule.target == RuleTarget.TEAM:
        assert rule.team is not None
        reaches = category.acts == Acts.VOLUNTEER and reach_to([rule.team.region.code], code)
        return shapely.box(-180, -90, 180, 90) if reaches else NOTHING
    return _union(_owned(row, area, category, code, ground) for row, area in ground.owned.get(code, ()))


def _owned(row: Assignment, area: BaseGeometry, category: Category, code: str, ground: Ground) -> BaseGeometry:
    if not may_act(category, row.holder):
        return NOTHING
    if row.organisation_id:
        mine = [found for body, found in ground.bodies if body.pk == row.organisation_id]
        return area.intersection(mine[0]) if mine else NOTHING
    if row.team:
        return area if reach_to([row.team.region.code], code) else NOTHING
    assert row.person is not None
    there = row.person.is_active and not row.person.tombstoned_at
    return area if there and reach_to(ground.reach.get(row.person.pk, ()), code) else NOTHING


def _read(region: str, codes: Sequence[str], rows: list[RoutingRule]) -> Ground:
    today = timezone.localdate()
    named = Q(pk__in=[row.organisation_id for row in rows if row.organisation_id])
    near = Organisation.objects.on(today).filter(Q(region__code__startswith=region[:6]) | named)
    bodies = [(row, _shape(row.jurisdiction)) for row in near]
    zones = {row.zone.pk: _shape(row.zone.geom) for row in rows if row.zone and today in row.zone.period}
    owned: dict[str, list[tuple[Assignment, BaseGeometry]]] = {}
    reach: dict[int, list[str]] = {}
    if any(row.target == RuleTarget.OWNER for row in rows):
        grids = Grid.objects.on(today).filter(kind=GridKind.SERVICE, region__code__in=codes)
        answers = Assignment.objects.on(today).filter(grid__in=grids, role__in=OWNS)
        roles = Membership.objects.on(today).filter(person=OuterRef("person")).values("region__code")
        answers = answers.annotate(reaches=ArraySubquery(roles))
        for one in answers.select_related("grid", "person", "team__region", "organisation"):
            assert one.grid is not None
            owned.setdefault(one.grid.code[:12], []).append((one, _shape(one.grid.geom)))
            if one.person_id:
                reach[one.person_id] = one.reaches
    return Ground(today, rows, bodies, owned, reach, zones)


def _is_for(rule: RoutingRule, category: Category) -> bool:
    return not (rule.categories or rule.groups) or category.code in rule.categories or category.group in rule.groups


def _shape(geom: object) -> BaseGeometry:
    found: BaseGeometry = shapely.from_wkb(bytes(geom.wkb))  # type: ignore[attr-defined]
    return found if found.geom_type.endswith("Polygon") else NOTHING


def _union(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """Return the union of shapes; where there is but one that is not empty, nothing is computed."""
    kept = list({id(shape): shape for shape in shapes if not shape.is_empty}.values())
    if len(kept) > 1:
        return shapely.union_all(kept)
    return kept[0] if kept else NOTHING


def _area_only(shape: BaseGeometry) -> BaseGeometry:
    """Return the areas of what a difference left, without points, lines and slivers."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and hectares(part) >= LEAST]
    return shapely.MultiPolygon(parts) if parts else NOTHING


def hectares(shape: BaseGeometry) -> float:
    """Return the area of an outline in EPSG:4326 on its local metric plane."""
    if shape.is_empty:
        return 0.0
    middle = shape.envelope.centroid
    metric = shapely.transform(shape, plane_of(middle.x, middle.y).forward)
    return float(metric.area) / HECTARE
