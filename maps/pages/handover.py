"""Handing over (责任交接): choose from whom, to whom, what and from which day on; see exactly what moves; confirm."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid7
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models import Assignment, Membership, Person
from grids.problems import BadInput, Problem
from grids.reach import check_manager, find_person, managed, neighbours_of
from grids.scope import Scope, scope_of
from maps.pages import people_choices
from maps.pages.asking import by_page, day_of, id_of, uuid_of
from patrols.models import Handover, Report
from patrols.models.handover import HandoverState
from patrols.succession import KINDS, PLACES, Plan, Preview, handovers_of, plan_handover, preview, region_code, undo

MOST = 100
NOBODY = "nobody"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def hand_over(request: HttpRequest, identity: int) -> HttpResponse:
    """Plan a handover of somebody's responsibilities: ?to=, ?day=, ?kind= preview it, a POST confirms the preview."""
    scope = scope_of(request.user)
    check_manager(scope)
    form = request.POST if request.method == "POST" else request.GET
    status, problem, shown = 200, "", None
    try:
        if request.method == "POST":
            return _confirmed(request, scope, identity)
        if form.get("to"):
            shown = preview(scope, _plan(identity, form))
    except Problem as refused:
        status, problem = refused.status, str(refused.sentence)
        if status == 409:  # what is true now, to be looked at again
            shown = preview(scope, _plan(identity, form))
    person = shown.person if shown else find_person(scope, identity)
    words = form.get("q", "")[:60]
    context = {
        "person": person,
        "problem": problem,
        "kinds": _kinds(form),
        "to": form.get("to", ""),
        "day": form.get("day") or timezone.localdate().isoformat(),
        "today": timezone.localdate(),
        "reason": form.get("reason", ""),
        "words": words,
        "candidates": _candidates(person, scope, words, form.get("to", ""), shown),
        "preview": _shown(shown) if shown else None,
        "key": uuid7.uuid7(),
    }
    return render(request, "maps/people/handover.html", context, status=status)


@require_safe
@login_required
@never_cache
@by_page
def handovers(request: HttpRequest) -> HttpResponse:
    """List the handovers of one's people, the latest day first."""
    scope = scope_of(request.user)
    check_manager(scope)
    rows = list(handovers_of(scope)[:MOST])
    return render(request, "maps/people/handovers.html", {"rows": rows, "today": timezone.localdate()})


@require_safe
@login_required
@never_cache
def handover(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show one handover with all it moved, to those who planned it and to both it concerns."""
    scope = scope_of(request.user)
    concerned = Q(person=scope.person) | Q(successor=scope.person)
    rows = Handover.objects.filter(Q(pk__in=handovers_of(scope).values("pk")) | concerned, pk=identity)
    found = rows.select_related("person", "successor", "planned_by", "cancelled_by").first()
    if found is None:
        raise Http404
    items = found.items.select_related(
        "assignment__grid__region",
        "assignment__checkpoint__region",
        "assignment__stairwell__building__region",
        "assignment__zone__region",
        "membership__team",
        "membership__region",
        "report__category",
    )
    own = managed(scope)
    context = {
        "handover": found,
        "items": [_thing(row.assignment or row.membership or row.report) for row in items.order_by("pk")],
        "kinds": [_kind_label(kind) for kind in found.kinds],
        "manages": bool(own),
        "undoable": found.state == HandoverState.PLANNED
        and found.day > timezone.localdate()
        and bool(own)
        and all(code.startswith(own) for code in found.codes),
    }
    return render(request, "maps/people/handover_page.html", context)


@require_POST
@login_required
@by_page
def take_back(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Undo a planned handover."""
    scope = scope_of(request.user)
    check_manager(scope)
    undo(scope, identity)
    messages.success(request, _("The handover is undone: everything stays as it was."))
    return HttpResponseRedirect(reverse("handover", args=[identity]))


def _confirmed(request: HttpRequest, scope: Scope, identity: int) -> HttpResponse:
    find_person(scope, identity)
    form = request.POST
    key = uuid_of(form.get("key", ""))
    to_page = HttpResponseRedirect(reverse("handover", args=[key]))
    if Handover.objects.filter(pk=key, person=identity, planned_by=scope.person).exists():
        return to_page
    made = plan_handover(scope, _plan(identity, form), key, form.get("fingerprint", ""))
    if made.state == HandoverState.DONE:
        messages.success(request, _("Handed over; both read it in their messages."))
    else:
        messages.success(request, _("Planned; both read it in their messages. It can be undone until that day."))
    return to_page


def _plan(identity: int, form: QueryDict) -> Plan:
    to = form.get("to", "")
    successor = None if to == NOBODY else id_of(to)
    if successor is None and to != NOBODY:
        raise BadInput(_("Choose who takes over, or nobody yet."))
    day = day_of(form.get("day", ""), _("day")) or timezone.localdate()
    return Plan(identity, successor, day, tuple(form.getlist("kind")), form.get("reason", ""))


def _kind_label(kind: str) -> str:
    return {
        "grids": _("Grids"),
        "checkpoints": _("Checkpoints"),
        "stairwells": _("Stairwells"),
        "zones": _("Zones"),
        "teams": _("Roles in teams"),
        "reports": _("Open reports"),
    }[kind]


def _kinds(form: QueryDict) -> list[dict[str, Any]]:
    chosen = form.getlist("kind") if form.get("to") else list(KINDS)
    return [{"value": kind, "label": _kind_label(kind), "chosen": kind in chosen} for kind in KINDS]


def _candidates(person: Person, scope: Scope, words: str, to: str, shown: Preview | None) -> list[dict[str, Any]]:
    """Return who could take over: those who work where the person does; whoever is chosen stays in the list."""
    held = shown.held if shown else Membership.objects.not_over().filter(person=person).select_related("region")
    codes = sorted({row.region.code for row in held if row.region.code.startswith(managed(scope))})
    chosen = shown.successor if shown else _chosen(scope, to)
    return people_choices.candidates(codes or managed(scope), words, besides=person.pk, chosen=chosen)


def _chosen(scope: Scope, to: str) -> Person | None:
    if not (to.isdecimal() and to.isascii() and len(to) < 19):
        return None
    return neighbours_of(scope).filter(pk=int(to), is_active=True).first()


def _shown(found: Preview) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for row in found.moves:
        counts[next(kind for kind, name in PLACES.items() if getattr(row, f"{name}_id"))] += 1
    counts["teams"], counts["reports"] = len(found.roles), len(found.reports)
    rows: list[Assignment | Membership | Report] = [*found.moves, *found.roles, *found.reports]
    return {
        "successor": found.successor,
        "day": found.day,
        "later": found.day > timezone.localdate(),
        "fingerprint": found.fingerprint,
        "empty": found.empty,
        "counts": [{"label": _kind_label(kind), "count": counts[kind]} for kind in found.kinds if counts[kind]],
        "rows": [_thing(row) for row in rows],
        "total": ngettext("%(count)s thing moves", "%(count)s things move", len(rows)) % {"count": len(rows)},
        "stays": [{**_thing(row), "why": why} for row, why in found.stays],
    }


def _thing(row: object) -> dict[str, Any]:
    """Return what one moved thing is called: kind, name, and where it lies."""
    if isinstance(row, Report):
        url = reverse("report", args=[row.pk])
        return {"kind": _("Report"), "name": row.category.local_name, "more": f"{row.place} · {row.number}", "url": url}
    if isinstance(row, Membership):
        return {"kind": _("Role"), "name": row.get_role_display(), "more": f"{row.region} · {row.team or ''}"}
    assert isinstance(row, Assignment)
    place = row.grid or row.checkpoint or row.stairwell or row.zone
    name = _("Grid %(number)s") % {"number": row.grid.number} if row.grid else str(place)
    region = getattr(place, "region", None)
    where = str(region) if region else region_code(row)
    return {"kind": row.get_role_display(), "name": name, "more": "" if row.stairwell else where, "until": _until(row)}


def _until(row: Assignment) -> date | None:
    until: date | None = row.period.upper
    return until


urlpatterns: list[URLPattern] = [
    path("people/handovers/", handovers, name="handovers"),
    path("people/handovers/<uuid:identity>/", handover, name="handover"),
    path("people/handovers/<uuid:identity>/undo/", take_back, name="handover-undo"),
    path("people/<int:identity>/handover/", hand_over, name="person-handover"),
]
