"""From cells chosen on the map of problems to what is done there: a task of a list, or the area of a campaign."""

from datetime import date, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from grids import zones
from grids.models import Zone
from grids.models.areas import ZoneKind
from grids.problems import BadInput, NotAllowed, Problem, problem_json
from grids.reach import check_manager, lies_within
from grids.scope import scope_of
from grids.zones import Campaign
from maps.pages.asking import by_page, check_text, day_of, id_of
from maps.pages.chosen_area import chosen_area, grid_names, is_chosen, name_for, why_in
from maps.pages.planned import areas_of, campaign_row
from patrols import tasks
from patrols.models import PatrolPlan
from patrols.patrol_plans import in_force

MOST_CAMPAIGNS = 100
MOST_DRAWN = 60
USUAL = timedelta(days=29)


@require_safe
@login_required
@never_cache
@by_page
def new_task(request: HttpRequest) -> HttpResponse:
    """Go on to the form of a task list for the community of ?cells= or ?grids=, with its first line filled in."""
    scope = scope_of(request.user)
    check_manager(scope)
    if not tasks.codes_of(scope):
        raise Http404
    if not is_chosen(request.GET):
        return render(request, "maps/planner/no_cells.html", {})
    chosen = chosen_area(scope, request.GET)
    today = timezone.localdate()
    where = _("Where: %(where)s (%(grids)s)") % {"where": chosen.where, "grids": grid_names(chosen)}
    line = {
        "community": chosen.community.code,
        "rows": "1",
        "list": _("From the analysis of %(day)s") % {"day": today.isoformat()},
        "title-0": _("%(place)s: find the cause and remove it") % {"place": name_for(chosen)},
        "description-0": " ".join(filter(None, (why_in(request.GET), where))),
        "day-0": today.isoformat(),
        "days-0": "7",
    }
    return HttpResponseRedirect(f"{reverse('task-list-new')}?{urlencode(line)}")


@require_safe
@never_cache
def area(request: HttpRequest) -> HttpResponse:
    """Answer with the ground of ?cells= or ?grids= as the map draws it, and with what the place is called."""
    if not request.user.is_authenticated:
        return problem_json(401, _("You are signed out. Sign in again to go on."))
    check_text(request)
    chosen = chosen_area(scope_of(request.user), request.GET)
    words = _("%(where)s, %(hectares)s hectares") % {"where": chosen.where, "hectares": chosen.hectares}
    return JsonResponse({**chosen.data, "words": words})


@require_safe
@never_cache
def planned_areas(request: HttpRequest) -> HttpResponse:
    """Answer with the areas of patrol plans and campaigns that are in force in ?region=, as the map draws them."""
    if not request.user.is_authenticated:
        return problem_json(401, _("You are signed out. Sign in again to go on."))
    check_text(request)
    codes, region = check_manager(scope_of(request.user)), request.GET.get("region", "")
    inside = {"region__code__startswith": region}
    plans = PatrolPlan.objects.filter(lies_within(codes, "region__code"), **inside)
    plans = in_force(plans, timezone.localdate()).only("name", "geom").order_by("-made_at", "-pk")
    rows = Zone.objects.current().filter(lies_within(codes, "region__code"), kind=ZoneKind.CAMPAIGN, **inside)
    return JsonResponse({"areas": areas_of(plans[:MOST_DRAWN], rows.order_by("-pk")[:MOST_DRAWN])})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new_campaign(request: HttpRequest) -> HttpResponse:
    """Make the area of a campaign from ?cells= or ?grids=: its name, and its first and last day."""
    scope = scope_of(request.user)
    check_manager(scope)
    form = request.POST if request.method == "POST" else request.GET
    if not is_chosen(form):
        return render(request, "maps/planner/no_cells.html", {})
    chosen = chosen_area(scope, form)
    status, problem, field = 200, "", ""
    today = timezone.localdate()
    if request.method == "POST":
        try:
            wanted = Campaign(form.get("name", ""), _given_day(request, "first_day"), _given_day(request, "last_day"))
            made = zones.make_campaign(scope, wanted, chosen.area)
        except NotAllowed:
            raise
        except Problem as refused:
            status, problem, field = refused.status, str(refused.sentence), str(refused.extra.get("field", ""))
        else:
            messages.success(request, _("The area of the campaign is made: %(name)s") % {"name": made.name})
            return HttpResponseRedirect(f"{reverse('planner-campaigns')}#campaign-{made.pk}")
    context = {
        "chosen": chosen,
        "grids": grid_names(chosen),
        "why": form.get("why", "") if request.method == "POST" else why_in(form),
        "given": {
            "name": form.get("name") or _("Campaign: %(place)s") % {"place": name_for(chosen)},
            "first_day": form.get("first_day") or today.isoformat(),
            "last_day": form.get("last_day") or (today + USUAL).isoformat(),
        },
        "problem": problem,
        "problem_field": field,
        "today": today,
    }
    return render(request, "maps/planner/campaign_new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def campaigns(request: HttpRequest) -> HttpResponse:
    """Show the campaign areas of one's regions that are not over, on a map and as a list; end one (`zone`)."""
    scope, today = scope_of(request.user), timezone.localdate()
    codes = check_manager(scope)
    status, problem = 200, ""
    if request.method == "POST":
        try:
            identity = id_of(request.POST.get("zone", "")) or 0
            ended = zones.end_campaign(scope, identity, _given_day(request, "last_day"))
        except BadInput as refused:
            status, problem = refused.status, str(refused.sentence)
        else:
            messages.success(request, _("The campaign is ended: %(name)s") % {"name": ended.name})
            return HttpResponseRedirect(reverse("planner-campaigns"))
    rows = Zone.objects.not_over().filter(lies_within(codes, "region__code"), kind=ZoneKind.CAMPAIGN)
    found = list(rows.select_related("region").defer("region__geom").order_by("-pk")[:MOST_CAMPAIGNS])
    context = {
        "rows": [campaign_row(zone) for zone in found],
        "problem": problem,
        "today": today,
        "data": {"areas": areas_of([], found)},
    }
    return render(request, "maps/planner/campaigns.html", context, status=status)


def _given_day(request: HttpRequest, name: str) -> date:
    day = day_of(request.POST.get(name, ""), _("Day"))
    if day is None:
        raise BadInput(_("Give the first and the last day."), field=name)
    return day


urlpatterns: list[URLPattern] = [
    path("planner/area.json", area, name="planner-area"),
    path("planner/planned.json", planned_areas, name="planner-planned"),
    path("planner/tasks/new/", new_task, name="planner-task-new"),
    path("planner/campaigns/", campaigns, name="planner-campaigns"),
    path("planner/campaigns/new/", new_campaign, name="planner-campaign-new"),
]
