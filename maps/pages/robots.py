"""Group robots (群机器人): which chat groups of my regions are told what; setting one up, testing it, ending it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from grids.channels import groups
from grids.channels.groups import Draft
from grids.channels.words import REASONS
from grids.models import Delivery, GroupRobot, Region, Team
from grids.problems import BadInput, NotFound, Problem
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, check_text, id_of
from maps.pages.choices import categories
from maps.pages.wording import moment
from patrols.presentation import verb_label
from patrols.workflow import TRANSITIONS

USUAL = ("file", "close")
MOST_REGIONS = 200
MOST_TEAMS = 200


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def robots(request: HttpRequest) -> HttpResponse:
    """List the robots of one's regions, or set one up."""
    scope = _manager(request)
    if request.method != "POST":
        return _page(request, scope)
    check_text(request)
    given = {name: request.POST.get(name, "")[:2000] for name in ("name", "kind", "region", "url", "secret", "team")}
    chosen = _chosen(request)
    try:
        made = groups.make(scope, _draft(given, chosen))
    except Problem as problem:
        given["url"] = given["secret"] = ""
        return _page(request, scope, problem, {**given, **chosen})
    messages.success(request, _("The robot is set up. Let it say that it is there: send a test."))
    return HttpResponseRedirect(f"{reverse('robots')}#robot-{made.pk}")


@require_POST
@login_required
@by_page
def change(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Change what a group is told."""
    groups.change(_manager(request), identity, **_chosen(request))
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(f"{reverse('robots')}#robot-{identity}")


@require_POST
@login_required
@by_page
def test(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Let a robot say that it is there."""
    groups.test(_manager(request), identity)
    messages.success(request, _("A test is on its way. What became of it stands at the robot in a moment."))
    return HttpResponseRedirect(f"{reverse('robots')}#robot-{identity}")


@require_POST
@login_required
@by_page
def end(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Take a robot away."""
    groups.end(_manager(request), identity)
    messages.success(request, _("The robot is told nothing any more; its address is forgotten."))
    return HttpResponseRedirect(reverse("robots"))


def _manager(request: HttpRequest) -> Scope:
    scope = scope_of(request.user)
    if not groups.may_manage(scope):
        raise NotFound(_("There is no such page for you."))
    return scope


def _chosen(request: HttpRequest) -> dict[str, list[str]]:
    verbs, codes = request.POST.getlist("verb"), request.POST.getlist("category")
    if not set(verbs) <= {verb for verb, _label in _verbs()}:
        raise BadInput(_("There is no such thing to be told."))
    if not set(codes) <= {code for group in categories().values() for code, _name in group}:
        raise BadInput(_("There is no such category."))
    return {"verbs": verbs, "categories": codes}


def _draft(given: dict[str, str], chosen: dict[str, list[str]]) -> Draft:
    return Draft(
        name=given["name"],
        kind=given["kind"],
        region=given["region"],
        url=given["url"],
        secret=given["secret"],
        team=id_of(given["team"]) or None,
        verbs=chosen["verbs"],
        categories=chosen["categories"],
    )


def _verbs() -> list[tuple[str, str]]:
    return [("file", verb_label("file")), *((verb, str(row.label)) for verb, row in TRANSITIONS.items())]


def _page(
    request: HttpRequest, scope: Scope, problem: Problem | None = None, given: dict[str, Any] | None = None
) -> HttpResponse:
    newest = Delivery.objects.filter(parcel__robot=OuterRef("pk")).order_by("-pk")
    rows = groups.of(scope).select_related("region", "team").order_by("region__code", "name")
    rows = rows.annotate(
        last_outcome=Subquery(newest.values("outcome")[:1]),
        last_reason=Subquery(newest.values("reason")[:1]),
        last_at=Subquery(newest.values("attempted_at")[:1]),
    )
    found = list(rows)
    within = Q(pk__in=[])
    for role in groups.MANAGERS:
        for code in scope.regions.get(role, ()):
            within |= Q(code__startswith=code)
    regions = list(Region.objects.current().filter(within).order_by("code")[:MOST_REGIONS])
    teams = Team.objects.filter(region__in=regions).select_related("region").order_by("region__code", "name")
    context = {
        "headline": _headline(len(found)),
        "rows": [_row(row) for row in found],
        "problem": str(problem.sentence) if problem else "",
        "problem_field": problem.extra.get("field", "") if problem else "",
        "given": given or {},
        "kinds": GroupRobot.Kind.choices,
        "regions": regions,
        "teams": teams[:MOST_TEAMS],
        "fresh": _offered((given or {}).get("verbs", USUAL), (given or {}).get("categories", ())),
    }
    return render(request, "maps/robots.html", context, status=problem.status if problem else 200)


def _headline(count: int) -> str:
    if not count:
        return _("No chat group is told yet what happens.")
    words = ngettext(
        "%(count)d chat group is told what happens.", "%(count)d chat groups are told what happens.", count
    )
    return words % {"count": count}


def _offered(verbs: Collection[str], codes: Collection[str]) -> dict[str, Any]:
    return {
        "verbs": [{"value": verb, "label": label, "chosen": verb in verbs} for verb, label in _verbs()],
        "groups": [
            {
                "title": title,
                "rows": [{"value": code, "label": name, "chosen": code in codes} for code, name in rows],
                "open": any(code in codes for code, _name in rows),
            }
            for title, rows in categories().items()
        ],
    }


def _row(row: Any) -> dict[str, Any]:
    labels = dict(_verbs())
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.get_kind_display(),
        "hint": row.hint,
        "region": row.region,
        "team": row.team,
        "told": [labels.get(verb, verb) for verb in row.verbs],
        "codes": len(row.categories),
        "good": row.last_outcome == Delivery.Outcome.DELIVERED,
        "outcome": Delivery.Outcome(row.last_outcome).label if row.last_outcome else "",
        "reason": REASONS.get(row.last_reason or "", ""),
        "when": moment(row.last_at, timezone.now()) if row.last_at else "",
        **_offered(row.verbs, row.categories),
    }


urlpatterns: list[URLPattern] = [
    path("robots/", robots, name="robots"),
    path("robots/<uuid:identity>/change/", change, name="robot-change"),
    path("robots/<uuid:identity>/test/", test, name="robot-test"),
    path("robots/<uuid:identity>/end/", end, name="robot-end"),
]
