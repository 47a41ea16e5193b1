"""Dispatch plans on a page (派遣计划): a proposal for all that waits, on map and lists, to be changed and committed."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models.people import Role
from grids.problems import BadInput
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, uuid_of
from maps.pages.dispatch import region_of
from maps.pages.wording import moment
from patrols.models import DispatchPlan
from patrols.models.plans import PlanState
from patrols.plans.making import Wish, waiting
from patrols.plans.reach import find_plan, visible_plans
from patrols.plans.showing import URGENCY_WORDS, plan_detail_json

SHOWN = 12
RADII = (500, 1_000, 2_000, 3_000, 5_000, 10_000)


@require_safe
@login_required
@never_cache
@by_page
def plan_page(request: HttpRequest) -> HttpResponse:
    """Show ?plan= its id, or without it the newest proposal, or what was dispatched last today."""
    scope = scope_of(request.user)
    if not scope.has(Role.DISPATCHER):
        raise Http404
    recent = list(visible_plans(scope).exclude(state=PlanState.DISCARDED).order_by("-made_at", "-pk")[:SHOWN])
    plan = _chosen(request.GET.get("plan", ""), scope, recent)
    name, bounds = region_of(scope)
    count = waiting(scope).count()
    wish = {**Wish().as_json(), **(plan.wish if plan else {})}
    context = {
        "region": name,
        "waiting": ngettext("%(count)s report waits for dispatch", "%(count)s reports wait for dispatch", count)
        % {"count": count},
        "plans": [_entry(row, plan) for row in recent],
        "radii": sorted({*RADII, wish["radius_m"]}),
        "urgencies": URGENCY_WORDS.items(),
        "wish": wish,
        "page": {
            "plan": plan_detail_json(plan, scope) if plan else None,
            "waiting": count,
            "bounds": bounds,
            "zone": timezone.get_default_timezone_name(),
        },
    }
    return render(request, "maps/dispatch_plan.html", context)


def _chosen(asked: str, scope: Scope, recent: list[DispatchPlan]) -> DispatchPlan | None:
    if asked:
        try:
            identity = uuid_of(asked)
        except BadInput as error:
            raise Http404(_("There is no such plan here.")) from error
        return next((row for row in recent if row.pk == identity), None) or find_plan(scope, identity)
    proposals = (row for row in recent if row.state in {PlanState.PROPOSED, PlanState.MAKING})
    return next(proposals, None) or max(filter(_of_today, recent), key=_ended, default=None)


def _of_today(row: DispatchPlan) -> bool:
    return row.ended_at is not None and timezone.localdate(row.ended_at) == timezone.localdate()


def _ended(row: DispatchPlan) -> datetime:
    assert row.ended_at is not None
    return row.ended_at


def _entry(row: DispatchPlan, shown: DispatchPlan | None) -> dict[str, Any]:
    best = row.figures.get("best", {})
    return {
        "id": row.pk,
        "made": moment(row.made_at, timezone.now()),
        "by": str(row.made_by),
        "state": row.get_state_display(),
        "served": best.get("served"),
        "current": shown is not None and row.pk == shown.pk,
    }


urlpatterns: list[URLPattern] = [path("dispatch/plan/", plan_page, name="dispatch-plan")]
