"""What nobody answers for (无责任人), and giving it to somebody."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from grids.models import Grid, Membership
from grids.models.people import Role
from grids.problems import BadInput, Problem
from grids.reach import check_manager
from grids.responsibility import NEED_OWNERS, Task, assign, idle_leaders, places_of, vacant
from grids.scope import Scope, scope_of
from maps.pages import people_choices
from maps.pages.asking import by_page, day_of, id_of

PAGE_SIZE = 30
MOST_LEADERS = 400


@require_safe
@login_required
@never_cache
@by_page
def vacancies(request: HttpRequest) -> HttpResponse:
    """List the grids or checkpoints without an owner: ?kind=, ?after= the last one's id."""
    scope = scope_of(request.user)
    check_manager(scope)
    kind = request.GET.get("kind", "grid")
    rows = vacant(scope, kind).defer("geom").order_by("pk")
    after = id_of(request.GET.get("after", ""))
    found = list((rows.filter(pk__gt=after) if after else rows)[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    leaders = _leaders(page) if page else {}
    context = {
        "kind": kind,
        "rows": [{**_row(place, kind), "leaders": leaders.get(place.region.code, [])} for place in page],
        "kinds": [
            {"value": value, "label": label, "count": vacant(scope, value).count()}
            for value, label in (("grid", _("Grids")), ("checkpoint", _("Checkpoints")))
        ],
        "idle": idle_leaders(scope).count(),
        "older": f"?kind={kind}&after={page[-1].pk}" if len(found) > PAGE_SIZE else "",
        "first": f"?kind={kind}" if after else "",
    }
    return render(request, "maps/people/vacancies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def fill(request: HttpRequest, kind: str, identity: int) -> HttpResponse:
    """Choose who answers for a place: ?q= searches beyond the community."""
    scope = scope_of(request.user)
    check_manager(scope)
    if kind not in NEED_OWNERS:
        raise Http404
    place = places_of(scope, kind).defer("geom").filter(pk=identity).first()
    if place is None:
        raise Http404
    problem, status = "", 200
    if request.method == "POST":
        try:
            return _assigned(request, scope, kind, identity)
        except Problem as refused:
            problem, status = str(refused.sentence), refused.status
    words = request.GET.get("q", "")[:60]
    context = {
        "place": _row(place, kind),
        "kind": kind,
        "words": words,
        "problem": problem,
        "candidates": people_choices.candidates([place.region.code], words),
        "today": timezone.localdate(),
    }
    return render(request, "maps/people/fill.html", context, status=status)


def _assigned(request: HttpRequest, scope: Scope, kind: str, identity: int) -> HttpResponse:
    person = id_of(request.POST.get("person", ""))
    if person is None:
        raise BadInput(_("Choose somebody."))
    since = day_of(request.POST.get("since", ""), _("from"))
    assignment = assign(scope, Task(kind, identity, person, since))
    messages.success(
        request, _("%(name)s answers for it and reads so in their messages.") % {"name": assignment.person}
    )
    return HttpResponseRedirect(f"{reverse('vacancies')}?kind={kind}")


def _row(place: Any, kind: str) -> dict[str, Any]:
    name = _("Grid %(number)s") % {"number": place.number} if isinstance(place, Grid) else place.local_name
    return {
        "id": place.pk,
        "name": name,
        "region": place.region.local_name,
        "households": getattr(place, "households", None),
        "url": reverse("vacancy", args=[kind, place.pk]),
    }


def _leaders(page: list[Any]) -> dict[str, list[Membership]]:
    """Return the present leaders of the communities of some places, in one query."""
    codes = {place.region.code for place in page}
    rows = Membership.objects.current().filter(role=Role.LEADER, region__code__in=codes, person__is_active=True)
    found: dict[str, list[Membership]] = {}
    for row in rows.select_related("person", "region").order_by("person__name", "pk")[:MOST_LEADERS]:
        found.setdefault(row.region.code, []).append(row)
    return found


urlpatterns: list[URLPattern] = [
    path("people/vacancies/", vacancies, name="vacancies"),
    path("people/vacancies/<slug:kind>/<int:identity>/", fill, name="vacancy"),
]
