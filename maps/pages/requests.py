"""Requests of residents (群众需求): taking one down, and the links through which residents bring them themselves."""

from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid7
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models import Category, Grid
from grids.models.catalogue import Kind
from grids.models.grid import GridKind
from grids.problems import BadInput, NotFound, Problem
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, id_of, uuid_of
from maps.pages.choices import grids_of
from maps.pages.qr import qr_image
from maps.pages.wording import moment
from patrols import request_links
from patrols.contacts import read_details
from patrols.filing import Draft, file_report
from patrols.models import RequestLink
from patrols.models.reports import Source

MOST_LINKS = 100


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("name", "phone", "address", "words")
@login_required
@never_cache
@by_page
def new_request(request: HttpRequest) -> HttpResponse:
    """Take down a resident's wish in one of one's grids: ?grid= its code."""
    scope = scope_of(request.user)
    choices = grids_of(scope)
    code = request.POST.get("grid") or request.GET.get("grid") or (choices[0][0] if choices else "")
    grid = _grid(scope, code)
    status, problem, field = 200, "", ""
    if request.method == "POST":
        try:
            return _filed(request, scope, grid)
        except Problem as refused:
            status, problem, field = refused.status, str(refused.sentence), field_of(refused)
    context = {
        "key": uuid7.uuid7(),
        "grid": grid,
        "grids": choices,
        "buildings": request_links.buildings_at(grid) if grid else [],
        "categories": categories(),
        "given": request.POST,
        "problem": problem,
        "problem_field": field,
        "asked": code,
    }
    return render(request, "maps/requests/new.html", context, status=status)


def categories() -> list[Category]:
    """Return the categories of requests, in the catalogue's order."""
    return list(Category.objects.filter(active=True, kind=Kind.REQUEST))


def field_of(problem: Problem) -> str:
    """Return the field of a request's form that a problem is about, or nothing."""
    field = str(problem.extra.get("field", ""))
    return {"description": "words"}.get(field, field)


def _grid(scope: Scope, code: str) -> Grid | None:
    if not code:
        return None
    mine = scope.within("region__code") | Q(pk__in=scope.grids)
    found: Grid | None = Grid.objects.current().filter(mine, kind=GridKind.SERVICE, code=code).first()
    if found is None:
        raise NotFound(_("You do not answer for a grid with this code."))
    return found


def _filed(request: HttpRequest, scope: Scope, grid: Grid | None) -> HttpResponse:
    form = request.POST
    if grid is None:
        raise BadInput(_("Choose the grid first."))
    anchor, name = request_links.anchor_of(grid, id_of(form.get("building", "")))
    draft = Draft(
        category=form.get("category", ""),
        geom=anchor,
        anchor=anchor,
        source=Source.PATROL,
        place=" ".join(filter(None, [name, form.get("place", "").strip()]))[:120],
        description=form.get("words", "").strip()[:2000],
        id=uuid_of(form.get("key", "")),
        kind=Kind.REQUEST,
        contact=read_details(form.dict()),
    )
    report = file_report(draft, scope)
    messages.success(request, _("The request is taken down. The resident follows it by its public number."))
    return HttpResponseRedirect(reverse("report", args=[report.pk]))


@require_safe
@login_required
@never_cache
@by_page
def links(request: HttpRequest) -> HttpResponse:
    """List the links of one's regions, and offer to make one: ?code= of a community or grid."""
    scope, now = _maker(request), timezone.now()
    rows = request_links.links_of(scope)[:MOST_LINKS]
    context = {
        "rows": [_row(row, now) for row in rows],
        "key": uuid7.uuid7(),
        "communities": request_links.communities_of(scope)[:MOST_LINKS],
        "grids": grids_of(scope),
        "code": request.GET.get("code", ""),
    }
    return render(request, "maps/requests/links.html", context)


@require_POST
@login_required
@never_cache
@by_page
def make_link(request: HttpRequest) -> HttpResponse:
    """Make a link and show it with its code, once."""
    scope, form = _maker(request), request.POST
    link, token = request_links.make(scope, uuid_of(form.get("key", "")), form.get("code", ""), form.get("note", ""))
    address = request.build_absolute_uri(reverse("request-bring", args=[token]))
    return render(request, "maps/requests/card.html", {"row": link, "link": address, "qr": qr_image(address)})


@require_POST
@login_required
@by_page
def end_link(request: HttpRequest, identity: UUID) -> HttpResponse:
    """End a link."""
    request_links.revoke(_maker(request), identity)
    messages.success(request, _("The link opens nothing any more. What came through it stays."))
    return HttpResponseRedirect(reverse("request-links"))


def _maker(request: HttpRequest) -> Scope:
    scope = scope_of(request.user)
    if not request_links.codes_of(scope):
        raise Http404
    return scope


def _row(row: RequestLink, now: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "place": str(row),
        "region": row.region if row.grid else "",
        "note": row.note,
        "who": row.made_by,
        "when": moment(row.made_at, now),
        "open": row.revoked_at is None,
    }


urlpatterns: list[URLPattern] = [
    path("requests/new/", new_request, name="request-new"),
    path("requests/links/", links, name="request-links"),
    path("requests/links/new/", make_link, name="request-link-make"),
    path("requests/links/<uuid:identity>/end/", end_link, name="request-link-end"),
]
