"""What a patrol needs to know without a network: one's grids with all that is in them, as one answer with an ETag."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import GeoFunc
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from grids.models import Building, Grid, Person, Stairwell
from grids.models.places import StreetKind
from grids.scope import Scope
from maps.pages.my_grid import grid_label
from maps.pages.patch import checkpoints_of
from maps.pages.planned import planned_in_all, planned_json
from maps.pages.rows import symbol_of
from patrols.coverage import GridSeen, StreetSeen, grid_seen
from patrols.coverage_lines import StreetLines, lines_of
from patrols.models import Consent, Coverage, Offer, Patrol, Report
from patrols.models.patrol import PatrolState
from patrols.models.posts import HELD_STATES, Turn
from patrols.offering.table import WORKING_STATES, OfferState
from patrols.patrol_plans import due_in, in_force_json
from patrols.patrolling import TEXT
from patrols.presentation import category_json, clock_json
from patrols.standing import ENOUGH, FARTHEST_BACK, INTERVAL
from patrols.tracks.coverage import SWATH

MOST_GRIDS = 6
MOST_REPORTS = 200
MOST_BUILDINGS = 300  # a grid
# How often, in days, a checkpoint is to be looked at: one that must lose no points every day.
EVERY, EVERY_ZERO = INTERVAL.days, 1

Days = dict[int, tuple[date | None, date | None]]


class _OnSurface(GeoFunc):
    """A point that lies on an area, whatever its shape."""

    function = "ST_PointOnSurface"
    output_field = PointField(srid=4326)


def answer(request: HttpRequest, scope: Scope, grids: Sequence[Grid]) -> HttpResponseBase:
    """Return the bundle for some grids, the first ones if they are many; 304 when the caller has it."""
    now = timezone.now()
    content = bundle_of(scope, grids[:MOST_GRIDS], now)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    named = f"{scope.key}\n{get_language()}\n{text}"
    etag = f'"{blake2b(named.encode(), digest_size=12).hexdigest()}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        # When it was made is no part of what it is.
        body = f'{{"made_at":{now.timestamp():.0f},{text[1:]}'
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def bundle_of(scope: Scope, grids: Sequence[Grid], now: datetime) -> dict[str, Any]:
    """Return all that is known of some grids of a person; lengths in metres, coordinates in WGS-84 degrees."""
    today = timezone.localdate(now)
    lines = lines_of(grids, today)
    checkpoints = {grid.pk: list(checkpoints_of(grid)) for grid in grids}
    buildings = _buildings(grids)
    stairwells = [well for rows in buildings.values() for _building, wells in rows for well in wells]
    seen = _last_seen(
        grids,
        today,
        checkpoint=[row.pk for rows in checkpoints.values() for row in rows],
        building=[row.pk for rows in buildings.values() for row, _wells in rows],
        stairwell=[well.pk for well in stairwells],
    )
    reports = _reports(scope, grids, now)
    own = _own(scope, grids, now)
    planned = planned_in_all(grids, due_in(own.pop("plans"), today), today)
    return {
        "today": today.isoformat(),
        "rules": {"interval": INTERVAL.days, "enough": ENOUGH, "swath": SWATH},
        **own,
        "grids": [
            {
                **_grid(grid),
                **_streets(grid_seen(grid, today), grid, lines),
                "checkpoints": [_checkpoint(row, seen["checkpoint"]) for row in checkpoints[grid.pk]],
                "buildings": [_building(row, wells, seen) for row, wells in buildings[grid.pk]],
                "reports": reports[grid.pk],
                "plans": [planned_json(plan) for plan in planned[grid.pk]],
            }
            for grid in grids
        ],
    }


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "id": grid.pk,
        "code": grid.code,
        "label": grid_label(grid),
        "region": grid.region.local_name,
        "box": [round(value, 6) for value in grid.geom.extent],
        "outline": _geojson(grid.geom),
    }


def _streets(seen: GridSeen, grid: Grid, lines: dict[tuple[int, int], StreetLines]) -> dict[str, Any]:
    found = ((street, lines.get((grid.pk, street.id))) for street in seen.streets)
    return {
        "covered": round(seen.covered, 1),
        "unknown": round(seen.unknown, 1),
        "not_covered": round(seen.not_covered, 1),
        "streets": [_street(street, known) for street, known in found if known],
    }


def _street(street: StreetSeen, lines: StreetLines) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    return {
        "id": street.id,
        "name": (english and street.name_en) or street.name,
        "kind": str(StreetKind(street.kind).label),
        "metres": round(street.metres, 1),
        "covered": round(street.covered, 4),
        "unknown": round(street.unknown, 4),
        "told": street.told,
        "walked_on": _iso(street.walked_on),
        "told_on": _iso(street.told_on),
        "state": street.state.value,
        "line": json.loads(lines.line),
        "covered_line": json.loads(lines.covered) if lines.covered else None,
    }


def _checkpoint(checkpoint: Any, seen: Days) -> dict[str, Any]:
    middle, zero = checkpoint.middle, checkpoint.zero
    return {
        "id": checkpoint.pk,
        "name": checkpoint.local_name,
        "type": checkpoint.type.local_name,
        "glyph": checkpoint.type.glyph,
        "zero": zero,
        "every": EVERY_ZERO if zero else EVERY,
        **_place(middle),
        **_days(seen, checkpoint.pk),
    }


def _building(building: Building, wells: list[Stairwell], seen: dict[str, Days]) -> dict[str, Any]:
    return {
        "id": building.pk,
        "name": building.local_name or _("Building without a name"),
        **_place(building.inside),  # type: ignore[attr-defined]
        **_days(seen["building"], building.pk),
        "stairwells": [
            {"id": well.pk, "label": well.label, **_place(well.geom), **_days(seen["stairwell"], well.pk)}
            for well in wells
        ],
    }


def _buildings(grids: Sequence[Grid]) -> dict[int, list[tuple[Building, list[Stairwell]]]]:
    """Return the buildings that somebody answers for stairwells of or that have a name, by grid, with their stairwells.

    A building belongs to the grid that a point on it lies in.
    """
    together = MultiPolygon([grid.geom for grid in grids], srid=4326)
    rows = list(
        Building.objects.filter(geom__intersects=together)
        .annotate(inside=_OnSurface("geom"))
        .exclude(Q(name="") & Q(stairwells__isnull=True))
        .distinct()
        .order_by("name", "pk")
    )
    wells: dict[int, list[Stairwell]] = defaultdict(list)
    for well in Stairwell.objects.filter(building__in=[row.pk for row in rows]).order_by("label", "pk"):
        wells[well.building_id].append(well)
    found: dict[int, list[tuple[Building, list[Stairwell]]]] = {grid.pk: [] for grid in grids}
    shapes = [(grid.pk, grid.geom.prepared) for grid in grids]
    for row in rows:
        home = next((key for key, shape in shapes if shape.covers(row.inside)), None)
        if home is not None and len(found[home]) < MOST_BUILDINGS:
            found[home].append((row, wells[row.pk]))
    return found


def _last_seen(grids: Iterable[Grid], today: date, **things: list[int]) -> dict[str, Days]:
    """Return the last days on which places were measured as seen and ticked by hand, by what they are and their id."""
    districts = {grid.code[:6] for grid in grids}
    any_of = Q()
    for name, keys in things.items():
        any_of |= Q(**{f"{name}__in": keys})
    rows = (
        Coverage.objects.filter(any_of, district__in=districts, day__gt=today - FARTHEST_BACK, day__lte=today)
        .order_by()
        .values(*things)
        .annotate(seen=Max("day", filter=Q(told=False)), ticked=Max("day", filter=Q(told=True)))
    )
    found: dict[str, Days] = {name: {} for name in things}
    for row in rows:
        for name in things:
            if row[name] is not None:
                found[name][row[name]] = (row["seen"], row["ticked"])
    return found


def _reports(scope: Scope, grids: Iterable[Grid], now: datetime) -> dict[int, list[dict[str, Any]]]:
    """Return the open reports by grid, the oldest first, of all grids together the most that fit."""
    rows = (
        Report.objects.visible_to(scope)
        .open()
        .filter(grid__in=[grid.pk for grid in grids])
        .select_related("category")
        .order_by("recorded_at", "id")
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for report in rows[:MOST_REPORTS]:
        clock = clock_json(report, now)
        row = {
            "id": str(report.pk),
            "number": report.number,
            "place": report.place,
            "state": report.state,
            "state_label": report.get_state_display(),
            "category": category_json(report.category),
            "clock": clock,
            "hold_until": report.hold_until.isoformat() if report.hold_until else None,
            "recorded_at": report.recorded_at.isoformat(),
            "url": reverse("report", args=[report.pk]),
        }
        assert report.grid_id is not None
        found[report.grid_id].append({**row, "symbol": symbol_of(row), **_place(report.anchor)})
    return found


def _shifts(now: datetime) -> ArraySubquery:
    """Return when and where a person stands at a post today and tomorrow, as a column of the person."""
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    name: Any = F("shift__post__name")
    if (get_language() or "").startswith("en"):
        name = Coalesce(NullIf("shift__post__name_en", Value("")), name)
    mine = Turn.objects.filter(person=OuterRef("pk"), state__in=HELD_STATES)
    coming = mine.filter(shift__ends_at__gt=now, shift__day__lte=tomorrow).order_by("shift__starts_at", "shift")
    row = JSONObject(id="shift_id", post=name, starts_at="shift__starts_at", ends_at="shift__ends_at")
    return ArraySubquery(coming.values(json=row))


def _offers(now: datetime) -> ArraySubquery:
    """Return what a person is asked and has in hand, what ends first coming first, as a column of the person."""
    live = Q(state__in=WORKING_STATES) | Q(state=OfferState.OFFERED, expires_at__gt=now)
    mine = Offer.objects.filter(live, person=OuterRef("pk")).order_by("expires_at", "pk")
    name: Any = F("report__category__name")
    if (get_language() or "").startswith("en"):
        name = Coalesce(NullIf("report__category__name_en", Value("")), name)
    row = JSONObject(
        id="pk", state="state", expires_at="expires_at", place="report__place", category=name, number="report__number"
    )
    return ArraySubquery(mine.values(json=row))


def _own(scope: Scope, grids: Sequence[Grid], now: datetime) -> dict[str, Any]:
    """Return somebody's consent, patrol under way (each null without one) and next shifts, in one query.

    The patrol plans that are in force in the grids come along, for `due_in`.
    """
    consent = Consent.objects.filter(person=OuterRef("pk"), withdrawn_at__isnull=True)
    patrol = Patrol.objects.filter(person=OuterRef("pk"), state=PatrolState.ACTIVE)
    fields = ("id", "grid_id", "mode", "started_at", "nothing_at")
    row = (
        Person.objects.filter(pk=scope.person_id)
        .annotate(
            consented=Subquery(consent.values("given_at")[:1]),
            shifts=_shifts(now),
            asked=_offers(now),
            plans=in_force_json([grid.pk for grid in grids], timezone.localdate(now)),
            **{f"patrol_{name}": Subquery(patrol.values(name)[:1]) for name in fields},
        )
        .values("consented", "shifts", "asked", "plans", *(f"patrol_{name}" for name in fields))
        .get()
    )
    running = None
    if row["patrol_id"] and row["patrol_started_at"]:
        running = {
            "id": str(row["patrol_id"]),
            "grid": row["patrol_grid_id"],
            "mode": row["patrol_mode"],
            "started_at": row["patrol_started_at"].isoformat(),
            "nothing_at": row["patrol_nothing_at"].isoformat() if row["patrol_nothing_at"] else None,
        }
    given = row["consented"].isoformat() if row["consented"] else None
    return {
        "consent": {"text": TEXT, "given_at": given},
        "patrol": running,
        "shifts": row["shifts"],
        "offers": row["asked"],
        "plans": row["plans"],
    }


def _geojson(shape: Polygon) -> dict[str, Any]:
    rings = [[[round(x, 6), round(y, 6)] for x, y in ring] for ring in shape.coords]
    return {"type": "Polygon", "coordinates": rings}


def _place(point: Point) -> dict[str, float]:
    return {"lon": round(point.x, 6), "lat": round(point.y, 6)}


def _days(seen: Days, key: int) -> dict[str, str | None]:
    measured, ticked = seen.get(key, (None, None))
    return {"seen_on": _iso(measured), "told_on": _iso(ticked)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
