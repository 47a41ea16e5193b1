"""The split studio (网格划分): who carries what in a community now, proposals of other grids, and accepting one."""

import math
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from grids.endpoints.jobs import own
from grids.lists.content import MOST_BYTES
from grids.models import Person, Region
from grids.models.people import Role
from grids.models.places import RegionLevel
from grids.models.platform import JobState
from grids.problems import BadInput, NotFound, Problem
from grids.reach import check_manager, lies_within
from grids.scope import Scope, scope_of
from grids.splits import bringing
from grids.splits.covering import beside
from grids.splits.findings import TOLERANCE_M
from grids.splitting import LEAST_UNIT_AREA, MAJOR_ROADS, RAILS, RIVERS, UNIT_AREA
from maps.pages.asking import by_page
from maps.pages.fair_load import GridLoad, loads_of, with_spots
from maps.pages.jobs import row as job_row
from maps.pages.sentence import Clause

VIEWS = ("now", "new", "proposals", "owners")
USUAL_HOUSEHOLDS = 400
JOBS = ("split", bringing.KIND)
# What no grid should straddle, in the splitter's words.
BARRIERS = {"roads": MAJOR_ROADS, "rails": RAILS, "water": RIVERS}
ROOM_FOR_THE_FORM = 1 << 16


@require_safe
@login_required
@never_cache
@by_page
def studio(request: HttpRequest) -> HttpResponse:
    """Show a community with its grids: ?community= its code, ?view= and ?split= what is open."""
    asked = request.GET.get("view", "")
    view = "proposals" if request.GET.get("split") else asked if asked in VIEWS else "now"
    return _page(request, request.GET.get("community", ""), view)


@csrf_exempt  # a request that is too large is refused before anything reads it; `_bring` checks the token
@require_POST
@login_required
@never_cache
@by_page
def bring(request: HttpRequest) -> HttpResponseBase:
    """Take in a file with ready-made grids, and go to where the job that reads it is followed."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + ROOM_FOR_THE_FORM:
        check_manager(scope_of(request.user))
        raise BadInput(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES >> 20})
    return _bring(request)


@csrf_protect
def _bring(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("community", "")
    region = chosen_community(scope_of(request.user), code)
    file = request.FILES.get("file")
    try:
        if not isinstance(file, UploadedFile):
            raise BadInput(_("Choose a file."))
        assert isinstance(request.user, Person)
        job = bringing.start(request.user, region, file.read(), _metres(request.POST.get("tolerance", "")))
    except Problem as problem:
        return _page(request, code, "new", str(problem.sentence), problem.status)
    return HttpResponseRedirect(f"{reverse('planner-split')}?community={region.code}&view=proposals#job-{job.pk}")


def _metres(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(_("The tolerance is a number of metres."))
    return value


def _page(request: HttpRequest, code: str, view: str, problem: str = "", status: int = 200) -> HttpResponse:
    scope = scope_of(request.user)
    communities = _communities(scope)
    region = _chosen(communities, code)
    if region is None:
        return render(request, "maps/planner/none.html", {"draws": scope.has(Role.ADMIN)})
    loads = loads_of(scope, region)
    jobs = _jobs(scope, region)
    context = {
        "region": region,
        "name": region.local_name,
        "communities": communities,
        "headline": headline(loads.grids),
        "loads": loads.grids,
        "owners": loads.owners,
        "totals": _totals(loads.grids),
        "jobs": jobs,
        "view": view,
        "usual": USUAL_HOUSEHOLDS,
        "usual_unit": f"{UNIT_AREA:.0f}",
        "least_unit": f"{LEAST_UNIT_AREA:.0f}",
        "barriers": {name: " ".join(sorted(kinds)) for name, kinds in BARRIERS.items()},
        "without": sum(1 for load in loads.grids if not load.owner),
        "before": region.ended - timedelta(days=1) if region.ended else None,
        "beside": beside(region.geom, region.outlines or ()),
        "draws": scope.reaches(Role.ADMIN, region.code),
        "problem": problem,
        "tolerance": f"{TOLERANCE_M:g}",
        "studio": {
            "community": region.code,
            "name": region.local_name,
            "bounds": list(region.geom.extent),
            "view": view,
            "grids": [_on_map(load) for load in loads.grids],
            "zone": timezone.get_default_timezone_name(),
            "vacancies": reverse("vacancies"),
            "invite": reverse("invite"),
        },
    }
    return render(request, "maps/planner/studio.html", context, status=status)


def headline(loads: list[GridLoad]) -> list[Clause]:
    """Return the sentence on top: how many grids there are, how many carry clearly too much, who is missing."""
    if not loads:
        return [Clause(_("This community has no grids yet"))]
    comma, semicolon = pgettext("sentence", ", "), pgettext("sentence", "; ")
    clauses = [Clause(ngettext("%(count)s grid", "%(count)s grids", len(loads)) % {"count": len(loads)})]
    much = sum(1 for load in loads if load.reasons)
    if much:
        text = ngettext("%(count)s carries clearly more", "%(count)s carry clearly more", much)
        clauses.append(Clause(text % {"count": much}, "warn", comma))
    else:
        clauses.append(Clause(_("the work is shared evenly"), "", comma))
    without = sum(1 for load in loads if not load.owner)
    if without:
        text = ngettext("%(count)s has no owner", "%(count)s have no owner", without)
        clauses.append(Clause(text % {"count": without}, "bad", semicolon))
    return clauses


def _communities(scope: Scope) -> list[dict[str, str]]:
    """Return the communities that somebody plans, as a list to choose from; raises NotFound for who plans nowhere."""
    within = lies_within(check_manager(scope), "code")
    rows = Region.objects.current().filter(within, level=RegionLevel.COMMUNITY).order_by("code")
    english = (get_language() or "").startswith("en")
    names = rows.values_list("code", "name", "name_en", "parent__name", "parent__name_en")
    return [
        {
            "code": code,
            "name": (english and name_en) or name,
            "above": (english and above_en) or above or "",
        }
        for code, name, name_en, above, above_en in names
    ]


def chosen_community(scope: Scope, code: str) -> Any:
    """Return the community with a code that somebody plans, with what `loads_of` needs; raises NotFound."""
    region = _chosen(_communities(scope), code)
    if region is None:
        raise NotFound(_("There is no such community here."))
    return region


def _chosen(communities: list[dict[str, str]], code: str) -> Any:
    """Return the community with a code, or the first; nothing where there is none, NotFound for one out of reach."""
    if not communities:
        return None
    wanted = code or communities[0]["code"]
    if all(row["code"] != wanted for row in communities):
        raise NotFound(_("There is no such community here."))
    return with_spots(Region.objects.current().filter(code=wanted, level=RegionLevel.COMMUNITY)).first()


def _jobs(scope: Scope, region: Region) -> list[dict[str, Any]]:
    """Return one's own splits of a community that go on, and the last one if it came to nothing."""
    rows = own(scope).filter(kind__in=JOBS, parameters__region=region.code).order_by("-pk")[:3]
    going_on = {JobState.WAITING, JobState.RUNNING}
    shown = [job for index, job in enumerate(rows) if job.state in going_on or (not index and job.error)]
    now = timezone.now()
    return [job_row(job, now) for job in shown]


def _on_map(load: GridLoad) -> dict[str, Any]:
    return {
        "id": load.id,
        "number": load.number,
        "households": load.households,
        "lon": load.at[0],
        "lat": load.at[1],
        "much": bool(load.reasons),
    }


def _totals(loads: list[GridLoad]) -> dict[str, Any]:
    return {
        "households": sum(load.households or 0 for load in loads),
        "reports": sum(load.reports for load in loads),
        "checkpoints": sum(load.checkpoints for load in loads),
        "kilometres": f"{sum(load.metres for load in loads) / 1000:.1f}",
    }


urlpatterns: list[URLPattern] = [
    path("planner/split/", studio, name="planner-split"),
    path("planner/files/", bring, name="planner-files"),
]
