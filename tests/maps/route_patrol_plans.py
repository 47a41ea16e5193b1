"""A patrol plan that touches grid 5 and a campaign there, and who is answered what about them."""

from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.utils import timezone

from grids.models import Region, Zone
from patrols.models import PatrolPlan
from tests.maps.route_cast import SEE_FIVE, Cast
from tests.maps.route_table import API, TO_SIGN_IN, Row, everybody, only, several, signed_in
from tests.town import DISTRICT, NEAR, box

PLANS = {"paula", "adam"}
PLANNERS = {"paula", "petra", "adam"}
UUID, INT = "<uuid:identity>", "<int:identity>"
TODAY = timezone.localdate()
RING = [list(corner) for corner in box(1.1, 1.1, 1.6, 1.9).coords[0]]
NEW: dict[str, Any] = {
    "name": "x",
    "why": "x",
    "first_day": str(TODAY),
    "last_day": str(TODAY + timedelta(days=6)),
    "rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    "geometry": {"type": "Polygon", "coordinates": [RING]},
}


def add_plan(cast: Cast) -> None:
    """Make a plan over the west half of grid 5, and a campaign."""
    region, area = Region.objects.get(code=f"{NEAR}001"), MultiPolygon(box(1.1, 1.1, 1.6, 1.9), srid=4326)
    plan = PatrolPlan.objects.create(
        district=DISTRICT,
        region=region,
        name="mark-patrol-plan",
        why="x",
        geom=area,
        rule=NEW["rule"],
        first_day=TODAY,
        last_day=TODAY + timedelta(days=6),
        made_by=cast.town.paula,
        made_at=timezone.now(),
    )
    cast.addresses["patrol-plan"] = str(plan.pk)
    cast.readers["mark-patrol-plan"] = SEE_FIVE
    cast.sets["patrol-plan"] = ["mark-patrol-plan"]
    zone = Zone.objects.create(source_id="c", name="x", kind="campaign", region=region, geom=area)
    cast.addresses["campaign"] = str(zone.pk)


def _pages() -> list[Row]:
    planners = only(PLANNERS, 200, visitor=TO_SIGN_IN)
    chosen, grid = "?grids=150199001001005", {"grids": "150199001001005"}
    days = {"name": "x", "first_day": NEW["first_day"], "last_day": NEW["last_day"]}
    near = several(TO_SIGN_IN, 404, (PLANS, 200))
    made = several(TO_SIGN_IN, 404, (PLANS, 302))
    plan = f"planner/patrols/{UUID}/"
    new = {**grid, **days, "why": "x", "weekday": "MO"}
    return [
        Row("planner/patrols/", "/planner/patrols/", planners),
        Row("planner/patrols/new/", f"/planner/patrols/new/{chosen}", near),
        Row("planner/patrols/new/", "/planner/patrols/new/", made, method="POST", body=new),
        Row(plan, "/planner/patrols/{patrol-plan}/", near, shows=("patrol-plan",)),
        Row(
            plan,
            "/planner/patrols/{patrol-plan}/",
            made,
            method="POST",
            body={"do": "end", "last_day": NEW["first_day"], "why": "x"},
        ),
        Row("planner/area.json", f"/planner/area.json{chosen}", several(401, 404, (PLANS, 200)), API),
        Row("planner/planned.json", "/planner/planned.json", only(PLANNERS, 200, visitor=401), API),
        Row("planner/tasks/new/", f"/planner/tasks/new/{chosen}", several(TO_SIGN_IN, 404, ({"paula"}, 302))),
        Row("planner/campaigns/", "/planner/campaigns/", planners),
        Row(
            "planner/campaigns/",
            "/planner/campaigns/",
            made,
            method="POST",
            body={"zone": "{campaign}", "last_day": NEW["first_day"]},
        ),
        Row("planner/campaigns/new/", f"/planner/campaigns/new/{chosen}", near),
        Row("planner/campaigns/new/", "/planner/campaigns/new/", made, method="POST", body={**grid, **days}),
    ]


def _api() -> list[Row]:
    base, one = "api/v1/patrol-plans", f"api/v1/patrol-plans/{UUID}"
    address, end = "/api/v1/patrol-plans/{patrol-plan}", {"last_day": NEW["first_day"], "why": "x"}
    make = several(401, 404, (PLANS, 201), ({"petra"}, 422))
    keep = several(401, 404, (SEE_FIVE, 403), (PLANS, 200))
    campaign = {name: NEW[name] for name in ("name", "first_day", "last_day", "geometry")}
    ends = only(PLANS, 200, visitor=401)
    return [
        Row(base, "/api/v1/patrol-plans", signed_in(200, visitor=401), API, shows=("patrol-plan",)),
        Row(base, "/api/v1/patrol-plans", make, API, "POST", NEW),
        Row(one, address, only(SEE_FIVE, 200, visitor=401), API, shows=("patrol-plan",)),
        Row(one, address, keep, API, "PATCH", {"why": "y"}),
        Row(f"{one}/end", f"{address}/end", keep, API, "POST", end),
        Row(f"{one}/end", f"{address}/end", everybody(405) | {"visitor": 401}, API),
        Row("api/v1/zones", "/api/v1/zones", make, API, "POST", campaign),
        Row(f"api/v1/zones/{INT}/end", "/api/v1/zones/{campaign}/end", ends, API, "POST", {"last_day": str(TODAY)}),
    ]


PATROL_PLANS = (*_pages(), *_api())
