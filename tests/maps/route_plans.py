"""Dispatch plans: the dispatchers' of all the regions that they were made for."""

from typing import TYPE_CHECKING

from patrols.models import DispatchPlan
from patrols.plans.making import Wish, make
from tests.maps.route_table import API, TO_SIGN_IN, Row, only, several, signed_in

if TYPE_CHECKING:
    from tests.maps.route_cast import Cast

DISPATCH, PLAN, WITH_ROUND = {"dora", "olaf"}, {"paula", "petra"}, {"alice", "bob", "charlie"}
PLANS, ONE = "/api/v1/dispatch/plans", "api/v1/dispatch/plans/<uuid:identity>"
NEAR = f"{PLANS}/{{plan-near}}"
HERS = only({"dora"}, 200, visitor=401)
VERSION = {"version": "0"}
PLAN_ROWS = (
    Row("api/v1/dispatch/plans", PLANS, signed_in(200, visitor=401), API),
    Row("api/v1/dispatch/plans", PLANS, several(401, 403, (DISPATCH, 201)), API, "POST", {}),
    Row(ONE, NEAR, HERS, API),
    Row(ONE, NEAR, only({"dora"}, 400, visitor=401), API, "PATCH"),
    Row(f"{ONE}/commit", f"{NEAR}/commit", HERS, API, "POST", VERSION),
    Row(f"{ONE}/discard", f"{NEAR}/discard", HERS, API, "POST", VERSION),
    Row(f"{ONE}/choices/<uuid:report>", f"{NEAR}/choices/{{five}}", only({"dora"}, 422, visitor=401), API),
    Row("dispatch/plan/", "/dispatch/plan/", only(DISPATCH, 200, visitor=TO_SIGN_IN)),
    Row("dispatch/plan/", "/dispatch/plan/?plan={plan-near}", only({"dora"}, 200, visitor=TO_SIGN_IN)),
    Row("api/v1/me/round", "/api/v1/me/round", signed_in(200, visitor=401), API),
    Row("patrol/round/", "/patrol/round/", only(WITH_ROUND, 200, visitor=TO_SIGN_IN)),
    Row("api/v1/dispatch/replays", "/api/v1/dispatch/replays", several(401, 403, (PLAN, 400)), API, "POST", {}),
    Row("planner/replay/", "/planner/replay/", only(PLAN, 200, visitor=TO_SIGN_IN)),
    Row("planner/replay/", "/planner/replay/", only(PLAN, 422, visitor=TO_SIGN_IN), method="POST"),
)


def add_plans(cast: "Cast") -> None:
    """Let Dora make a plan."""
    plan: DispatchPlan = make(cast.town.scope("dora"), Wish())
    cast.addresses["plan-near"] = str(plan.pk)
