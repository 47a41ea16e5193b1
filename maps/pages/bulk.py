"""Many reports at once (批量操作): choose them and a step, see for which it will work, do it, see what came of it."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.models import Job, Organisation
from grids.models.people import Role
from grids.problems import BadInput, NotFound
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, day_of, id_of, uuid_of
from maps.pages.jobs import row
from maps.pages.me import person_of
from patrols import bulk
from patrols.filters import ALLOWED, newest_page, read_filter
from patrols.models import Report
from patrols.transitions import Move
from patrols.workflow import Needs, State


@require_POST
@login_required
@never_cache
@by_page
def choose(request: HttpRequest) -> HttpResponse:
    """Show what was chosen with the steps there are; with a step, for which it will work; with `do=go`, begin it."""
    scope, asked = scope_of(request.user), request.POST
    _only_dispatchers(scope)
    reports = bulk.chosen(_identities(request, scope), scope)
    verb, problem, outcomes = asked.get("verb", ""), "", []
    move = Move(reason=asked.get("reason", "").strip()[:500])
    if verb:
        try:
            move = _move(request, scope, verb, move)
            if asked.get("do") == "go":
                seen = {report.pk: asked.get(f"seen-{report.pk}", report.state) for report in reports}
                job = bulk.start(person_of(request), seen, verb, move)
                return HttpResponseRedirect(reverse("bulk-result", args=[job.pk]))
            outcomes = bulk.preview(reports, verb, scope, move)
        except BadInput as wrong:
            problem = str(wrong.sentence)
    will = [outcome.report for outcome in outcomes if not outcome.refused]
    context = {
        "reports": reports,
        "states": _by_state(reports),
        "steps": bulk.steps(),
        "verb": verb,
        "label": bulk.step_of(verb).label if verb and not problem else "",
        "reason": move.reason,
        "until": asked.get("until", ""),
        "organisation": asked.get("organisation", ""),
        "bodies": _bodies(scope),
        "will": will,
        "refused": [outcome for outcome in outcomes if outcome.refused],
        "previewed": bool(outcomes),
        "problem": problem,
        "most": bulk.MOST,
        "cut": asked.get("all") and len(reports) == bulk.MOST,
    }
    return render(request, "maps/bulk.html", context, status=422 if problem else 200)


@require_safe
@login_required
@never_cache
@by_page
def result(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show how far one's own step for many is, and what came of it, with links and the way back."""
    scope, now = scope_of(request.user), timezone.now()
    job = Job.objects.filter(pk=identity, person=scope.person_id, kind=bulk.KIND).first()
    if job is None:
        raise NotFound(_("There is no such thing here."))
    came = job.result or {"done": [], "refused": []}
    sentences = dict(came["refused"])
    known = Report.objects.visible_to(scope).select_related("category").filter(pk__in=[*came["done"], *sentences])
    found = {str(report.pk): report for report in known.order_by("-recorded_at", "-id")}
    back = bulk.back_of(job)
    context = {
        "job": row(job, now) | {"url": ""},
        "done": [found[pk] for pk in came["done"] if pk in found],
        "refused": [(found[pk], sentence) for pk, sentence in sentences.items() if pk in found],
        "back": bulk.step_of(back) if back and came["done"] else None,
        "back_needs_reason": bool(back) and Needs.REASON in bulk.step_of(back).needs,
    }
    return render(request, "maps/bulk_result.html", context)


def _only_dispatchers(scope: Scope) -> None:
    if not scope.has(Role.DISPATCHER):
        raise NotFound(_("There is no such thing here."))


def _identities(request: HttpRequest, scope: Scope) -> list[UUID]:
    """Return what was ticked or, with `all`, the newest that fit the list's filters, up to the cap."""
    if request.POST.get("all"):
        wanted = read_filter({name: request.POST.get(f"filter-{name}", "") for name in ALLOWED})
        page = newest_page(wanted, Report.objects.all(), scope, None, bulk.MOST)
        return list(page.values_list("pk", flat=True))[: bulk.MOST]
    return [uuid_of(text) for text in dict.fromkeys(request.POST.getlist("report"))]


def _move(request: HttpRequest, scope: Scope, verb: str, move: Move) -> Move:
    needs = bulk.step_of(verb).needs
    holder = None
    if Needs.HOLDER in needs:
        chosen = id_of(request.POST.get("organisation", ""))
        holder = _bodies(scope).filter(pk=chosen).first() if chosen else None
        if holder is None:
            raise BadInput(_("Choose the body it goes to."))
    if Needs.REASON in needs and not move.reason:
        raise BadInput(_("“%(verb)s” needs a reason.") % {"verb": bulk.step_of(verb).label})
    until = day_of(request.POST.get("until", ""), _("Until")) if Needs.UNTIL in needs else None
    return Move(reason=move.reason, holder=holder, until=until)


def _bodies(scope: Scope) -> QuerySet[Organisation]:
    """Return the bodies of the dispatcher's regions, of what lies in them and of what they lie in."""
    near = Q(pk__in=[])
    for code in scope.regions[Role.DISPATCHER]:
        above = [code[:length] for length in (6, 9, 12) if length <= len(code)]
        near |= Q(region__code__startswith=code) | Q(region__code__in=above)
    return Organisation.objects.current().filter(near).order_by("name").defer("jurisdiction")


def _by_state(reports: list[Report]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.state] = counts.get(report.state, 0) + 1
    return [(str(State(state).label), count) for state, count in counts.items()]


urlpatterns: list[URLPattern] = [
    path("reports/bulk/", choose, name="bulk"),
    path("reports/bulk/<uuid:identity>/", result, name="bulk-result"),
]


def context_of(scope: Scope) -> dict[str, Any]:
    """Return what the list of reports needs to let a dispatcher choose several."""
    return {"bulk": scope.has(Role.DISPATCHER), "bulk_most": bulk.MOST}
