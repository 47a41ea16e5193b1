"""Patrol plans (巡查计划) for planners: the list, making one for chosen cells, and planned against actual of one."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from grids.paging import Order, moment
from grids.planned_areas import grids_touched
from grids.problems import BadInput, NotAllowed, Problem
from grids.reach import check_manager, lies_within
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, day_of
from maps.pages.chosen_area import chosen_area, grid_names, is_chosen, name_for, outline, why_in
from maps.pages.plan_words import (
    day_row,
    hours_words,
    period_words,
    rule_words,
    state_of,
    walked_of,
    walks_sentence,
)
from maps.pages.planner_coverage import percent
from maps.pages.wording import weekdays
from patrols import patrol_plans
from patrols.models import PatrolPlan
from patrols.patrol_plans import Draft
from patrols.plan_walks import walks_of
from patrols.standing import ENOUGH
from patrols.task_rules import WEEKDAYS

PAGE = 30
ORDER = Order((("made_at", moment), ("pk", UUID)), newest_first=True)
USUAL = timedelta(days=27)  # four weeks with the first day


@require_safe
@login_required
@never_cache
@by_page
def plan_list(request: HttpRequest) -> HttpResponse:
    """List the plans of one's regions, newest first, each with how many of its days were walked: ?cursor= a page."""
    scope, today = scope_of(request.user), timezone.localdate()
    codes = check_manager(scope)
    found = PatrolPlan.objects.filter(lies_within(codes, "region__code")).select_related("region")
    plans, cursor = ORDER.page(found.defer("geom", "region__geom"), request.GET.get("cursor", ""), PAGE)
    walks = walks_of(plans, today)
    context = {
        "rows": [_row(plan, today) | {"walked": walked_of(walks[plan.pk])} for plan in plans],
        "older": f"?cursor={cursor}" if cursor else "",
        "newest": reverse("planner-patrols") if request.GET.get("cursor") else "",
        "today": today,
        "enough": percent(ENOUGH),
    }
    return render(request, "maps/planner/patrols.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new_plan(request: HttpRequest) -> HttpResponse:
    """Make a plan for ?cells= or ?grids=, their ids by comma; ?why= and ?name= are what is known already."""
    scope = scope_of(request.user)
    check_manager(scope)
    form = request.POST if request.method == "POST" else request.GET
    if not is_chosen(form):
        return render(request, "maps/planner/no_cells.html", {})
    chosen = chosen_area(scope, form)
    status, problem, field = 200, "", ""
    if request.method == "POST":
        try:
            plan = patrol_plans.make(scope, _draft(form), chosen.area)
        except NotAllowed:
            raise
        except Problem as refused:
            status, problem, field = refused.status, str(refused.sentence), str(refused.extra.get("field", ""))
        else:
            messages.success(request, _("The plan is made; who answers for these grids is told."))
            return HttpResponseRedirect(reverse("planner-patrol", args=[plan.pk]))
    today = timezone.localdate()
    context = {
        "chosen": chosen,
        "grids": grid_names(chosen),
        "given": {
            "name": form.get("name") or _("More patrols: %(place)s") % {"place": name_for(chosen)},
            "why": form.get("why", "") if request.method == "POST" else why_in(form),
            "first_day": form.get("first_day") or today.isoformat(),
            "last_day": form.get("last_day") or (today + USUAL).isoformat(),
            "starts": form.get("starts", ""),
            "ends": form.get("ends", ""),
            "weekdays": form.getlist("weekday") if request.method == "POST" else list(WEEKDAYS),
        },
        "weekdays": list(zip(WEEKDAYS, weekdays(), strict=True)),
        "problem": problem,
        "problem_field": field,
        "today": today,
        "enough": percent(ENOUGH),
    }
    return render(request, "maps/planner/patrol_new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def one_plan(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show a plan with its days; say its words anew (`do=change`) or end it (`do=end`)."""
    scope, today = scope_of(request.user), timezone.localdate()
    check_manager(scope)
    plan = patrol_plans.find(scope, identity)
    status, problem = 200, ""
    if request.method == "POST":
        try:
            _do(request, scope, plan)
        except BadInput as refused:
            status, problem = refused.status, str(refused.sentence)
        else:
            return HttpResponseRedirect(reverse("planner-patrol", args=[plan.pk]))
    walks = walks_of([plan], today)[plan.pk]
    grids = grids_touched(plan.geom).select_related("region").defer("geom", "region__geom").order_by("code")
    context = _row(plan, today) | {
        "headline": walks_sentence(walks),
        "walks": walks,
        "kilometres": f"{walks.metres / 1000:.1f}",
        "days": [day_row(day) for day in walks.days],
        "grids": [f"{grid.region.local_name} {_('Grid %(number)s') % {'number': grid.number}}" for grid in grids],
        "keeps": patrol_plans.may_keep(scope, plan) and plan.ended_on is None and patrol_plans.until(plan) >= today,
        "given": request.POST,
        "doing": request.POST.get("do", ""),
        "problem": problem,
        "today": today,
        "yesterday": today - timedelta(days=1),
        "enough": percent(ENOUGH),
        "data": {"areas": [{"kind": "plan", "name": plan.name, "geometry": outline(plan.geom)}]},
    }
    return render(request, "maps/planner/patrol.html", context, status=status)


def _row(plan: PatrolPlan, today: date) -> dict[str, Any]:
    tone, words = state_of(plan, today)
    return {
        "plan": plan,
        "region": plan.region,
        "often": rule_words(plan.rule),
        "hours": hours_words(plan),
        "period": period_words(plan),
        "tone": tone,
        "words": words,
    }


def _do(request: HttpRequest, scope: Scope, plan: PatrolPlan) -> None:
    form = request.POST
    if form.get("do") == "end":
        last_day = day_of(form.get("last_day", ""), _("Last day"))
        if last_day is None:
            raise BadInput(_("Give the last day."))
        patrol_plans.end(scope, plan.pk, last_day, form.get("why", ""))
        messages.success(request, _("The plan is ended."))
        return
    last_day = day_of(form.get("last_day", ""), _("Last day"))
    given: dict[str, Any] = {
        "name": form.get("name", ""),
        "why": form.get("why", ""),
        "starts": _time(form.get("starts", "")),
        "ends": _time(form.get("ends", "")),
    }
    patrol_plans.change(scope, plan.pk, given | ({"last_day": last_day} if last_day else {}))
    messages.success(request, _("The plan is changed."))


def _draft(form: QueryDict) -> Draft:
    days = {name: day_of(form.get(name, ""), label) for name, label in _days()}
    for name, day in days.items():
        if day is None:
            raise BadInput(_("Give the first and the last day."), field=name)
    chosen = [code for code in WEEKDAYS if code in form.getlist("weekday")]
    if not chosen:
        raise BadInput(_("Choose at least one day of the week."), field="weekday")
    return Draft(
        name=form.get("name", ""),
        why=form.get("why", ""),
        rule=f"FREQ=WEEKLY;BYDAY={','.join(chosen)}",
        starts=_time(form.get("starts", "")),
        ends=_time(form.get("ends", "")),
        **{name: day for name, day in days.items() if day},
    )


def _days() -> tuple[tuple[str, str], ...]:
    return ("first_day", _("First day")), ("last_day", _("Last day"))


def _time(text: str) -> time | None:
    if not text.strip():
        return None
    try:
        read = parse_time(text.strip())
    except ValueError:
        read = None
    if read is None:
        raise BadInput(_("The hours are no times of day."), field="starts")
    return read


urlpatterns: list[URLPattern] = [
    path("planner/patrols/", plan_list, name="planner-patrols"),
    path("planner/patrols/new/", new_plan, name="planner-patrol-new"),
    path("planner/patrols/<uuid:identity>/", one_plan, name="planner-patrol"),
]
