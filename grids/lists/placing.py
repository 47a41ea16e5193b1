"""Where the rows are: pinned by hand, given by the file, or where they were brought in before; checked against the
region, the community and the grid that they name."""

from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from grids.lists.cells import Pair, swapped
from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.lookups import around, bare
from grids.lists.saying import gettext_noop, said
from grids.models import Checkpoint, Grid, Place
from grids.shifts import CRS, Crs, geometry_to_wgs84

ROOM_DEGREES = 0.02
FEWEST_ANCHORS, NEAR_METRES = 3, 250
METRES_PER_DEGREE = 111_195
OUTSIDE = gettext_noop("This place lies outside %(region)s.")


def place(drafts: Sequence[Draft], context: Context, before: Mapping[int, BaseGeometry]) -> None:
    """Set each row's geometry, region and grid; rows without one need a place. `before` are geometries by target."""
    _turn(drafts, context)
    _read_shapes(drafts, context)
    for draft in drafts:
        pinned = draft.pin or {}
        if "lon" in pinned:
            draft.geom = shapely.Point(pinned["lon"], pinned["lat"])
    _locate(drafts, context)
    lost = [draft for draft in drafts if draft.geom is None and draft.target in before]
    for draft in lost:
        assert draft.target is not None
        draft.geom = before[draft.target]
    _locate(lost, context)
    for draft in drafts:
        draft.needs_place = draft.geom is None
    _compare(drafts, context)


def _turn(drafts: Sequence[Draft], context: Context) -> None:
    """Exchange longitude and latitude if more places lie in the region that way, or somebody says so."""
    turned = _find_order(drafts, context) if context.whole else context.found_before["swapped"]
    if turned:
        for draft in drafts:
            if draft.raw is not None:
                draft.raw = (draft.raw[1], draft.raw[0])


def _find_order(drafts: Sequence[Draft], context: Context) -> bool:
    pairs = [draft.raw for draft in drafts if draft.raw is not None]
    west, south, east, north = context.root.geom.extent
    box = (west - ROOM_DEGREES, south - ROOM_DEGREES, east + ROOM_DEGREES, north + ROOM_DEGREES)
    said_so = context.listed.options.get("swapped")
    turned = swapped(pairs, box) if said_so is None else bool(said_so)
    context.found["swapped"] = turned
    if turned and said_so is None:
        context.notes.append(said(gettext_noop("Longitude and latitude were the wrong way round and are exchanged.")))
    return turned


def _read_shapes(drafts: Sequence[Draft], context: Context) -> None:
    given = [draft for draft in drafts if draft.raw is not None and _on_earth(draft)]
    suggested = _suggest(given, context) if context.whole else None
    if suggested and suggested != context.crs:
        context.found["crs"] = suggested
    for draft, shape in zip(given, _shifted([draft.raw or (0, 0) for draft in given], context.crs), strict=True):
        draft.geom = shape
    for draft in drafts:
        if draft.geom is None and draft.shape is not None:
            draft.geom = geometry_to_wgs84(draft.shape, context.crs)
    context.found["points"] = len(given)


def _on_earth(draft: Draft) -> bool:
    assert draft.raw is not None
    if abs(draft.raw[1]) <= 90:
        return True
    draft.note(_field(draft), gettext_noop("The latitude is out of range."))
    return False


def _shifted(pairs: Sequence[Pair], crs: Crs) -> list[BaseGeometry]:
    """Return points in WGS-84, all converted at once."""
    if not pairs:
        return []
    converted = geometry_to_wgs84(shapely.MultiPoint(np.array(pairs, dtype=float)), crs)
    return list(shapely.get_parts(converted))


def _suggest(drafts: Sequence[Draft], context: Context) -> Crs | None:
    """Return the shift with which places that we know by name lie closest to where we know them, if there are any."""
    names = {bare(draft.text("name")): draft for draft in drafts if draft.text("name")}
    anchors = _anchors({draft.text("name") for draft in names.values()}, context)
    pairs = [(names[name].raw or (0, 0), anchors[name]) for name in names.keys() & anchors.keys()]
    if len(pairs) < FEWEST_ANCHORS:
        return None
    distances: dict[Crs, float] = {}
    for crs in CRS:
        points = _shifted([raw for raw, _anchor in pairs], crs)
        distances[crs] = median(_metres(point, anchor) for point, (_raw, anchor) in zip(points, pairs, strict=True))
    best = min(CRS, key=lambda crs: distances[crs])
    clear = distances[best] < NEAR_METRES and distances[best] * 2 < distances[context.crs]
    return best if clear else None


def _anchors(names: set[str], context: Context) -> dict[str, BaseGeometry]:
    found: dict[str, list[BaseGeometry]] = {}
    inside = {"name__in": names, "geom__intersects": context.root.geom}
    known = Checkpoint.objects.filter(**inside).exclude(source=context.listed.source)
    for rows in (Place.objects.filter(**inside), known):
        for name, geom in rows.values_list("name", "geom"):
            found.setdefault(bare(name), []).append(shapely.from_wkb(bytes(geom.wkb)).centroid)
    return {name: points[0] for name, points in found.items() if len(points) == 1}


def _metres(one: BaseGeometry, other: BaseGeometry) -> float:
    east = (one.x - other.x) * np.cos(np.radians(other.y))
    return float(np.hypot(east, one.y - other.y) * METRES_PER_DEGREE)


def _locate(drafts: Sequence[Draft], context: Context) -> None:
    """Find region and grid of the rows that have a place; one outside the list's region has none."""
    found = around({draft.number: draft.geom for draft in drafts if draft.geom is not None})
    outside = 0
    for draft in drafts:
        if draft.geom is None:
            continue
        here = found.get(draft.number)
        if here is None or not here.region_code.startswith(context.root.code):
            draft.geom = None
            outside += 1
            draft.note(_field(draft), OUTSIDE, region=context.root.local_name)
            continue
        draft.region, draft.region_code, draft.grid_code = here.region, here.region_code, here.grid_code
    context.found["outside"] = context.found.get("outside", 0) + outside


def _field(draft: Draft) -> str:
    return next((name for name in ("lon", "position", "address", "name") if name in draft.mapping), "name")


def _compare(drafts: Sequence[Draft], context: Context) -> None:
    """Say where the place contradicts the community or the grid that the row names."""
    named = {draft.text("grid") for draft in drafts if draft.text("grid")}
    grids = set(Grid.objects.current().filter(code__in=named).values_list("code", flat=True))
    for draft in drafts:
        community = draft.text("community")
        region = context.regions.find(community) if community else None
        if community and region is None:
            draft.note(
                "community",
                gettext_noop("There is no community of this name in %(region)s."),
                region=context.root.local_name,
            )
        elif region and draft.region_code and not draft.region_code.startswith(region.code):
            here = context.regions.by_code.get(draft.region_code)
            sentence = gettext_noop("Its place lies in %(here)s, not in %(there)s.")
            draft.note("community", sentence, here=here.local_name if here else "—", there=region.local_name)
        code = draft.text("grid")
        if code and code.isdigit() and code not in grids:
            draft.note("grid", gettext_noop("There is no grid with this code."))
        elif code in grids and draft.grid_code and draft.grid_code != code:
            draft.note("grid", gettext_noop("Its place lies in the grid %(here)s."), here=draft.grid_code)
