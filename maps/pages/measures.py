"""Measures (措施): what is done about many reports at once, and which of a set nobody has answered yet."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models import Organisation
from grids.problems import BadInput, Problem
from grids.rest import one_of
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, day_of, id_of
from maps.pages.rows import row_of
from patrols import measures
from patrols.filters import ALLOWED, read_filter
from patrols.models import Report
from patrols.models.measures import Measure, MeasureLink, MeasureState
from patrols.presentation import report_json

MOST_SHOWN = 100
MOST_MEASURES = 50
MOST_BODIES = 200


@require_safe
@login_required
@never_cache
@by_page
def measure_list(request: HttpRequest) -> HttpResponse:
    """List the measures of one's regions, and of the set of reports in the address those that nobody has answered."""
    scope, now = scope_of(request.user), timezone.now()
    wanted = read_filter(request.GET.dict())
    reports = wanted.apply(Report.objects.visible_to(scope))
    if not any(request.GET.get(name) for name in ALLOWED):
        reports = reports.open()
    waiting = measures.unanswered(reports).for_list().order_by("-recorded_at", "-id")[: MOST_SHOWN + 1]
    rows = list(waiting)
    kept = measures.measures_of(scope).annotate(count=Count("links")).order_by("-made_at", "-id")[: MOST_MEASURES + 1]
    made = list(kept)
    context = {
        "answers": measures.answers(reports),
        "rows": [row_of(report_json(row, now), now) for row in rows[:MOST_SHOWN]],
        "more": len(rows) > MOST_SHOWN,
        "measures": made[:MOST_MEASURES],
        "older": len(made) > MOST_MEASURES,
        "may_keep": bool(scope.roles & set(measures.KEEPERS)),
        "narrowed": bool(request.GET),
    }
    return render(request, "maps/measures/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new_measure(request: HttpRequest) -> HttpResponse:
    """Make a measure for the reports in the address (?report=, as often as there are), or add them to one there is."""
    scope = scope_of(request.user)
    chosen = _chosen(request.POST.getlist("report") if request.method == "POST" else request.GET.getlist("report"))
    problem = ""
    # Chosen in the list they come by POST too, and are not saved yet.
    if "save" in request.POST:
        try:
            made = _save(request, chosen, scope)
        except (BadInput, ValueError) as error:
            problem = str(error.sentence) if isinstance(error, Problem) else _("Open the form again.")
        else:
            return HttpResponseRedirect(reverse("measure", args=[made]))
    reports = Report.objects.visible_to(scope).filter(pk__in=chosen).for_list()
    now = timezone.now()
    context = {
        "rows": [row_of(report_json(row, now), now) for row in reports],
        "bodies": Organisation.objects.current().order_by("name")[:MOST_BODIES],
        "measures": measures.measures_of(scope).order_by("-made_at", "-id")[:MOST_MEASURES],
        "given": request.POST,
        "problem": problem,
    }
    return render(request, "maps/measures/new.html", context, status=422 if problem else 200)


@require_POST
@login_required
@by_page
def no_measure(request: HttpRequest) -> HttpResponse:
    """Say of the chosen reports that no measure is needed."""
    count = measures.say_none(
        _chosen(request.POST.getlist("report")), request.POST.get("reason", ""), scope_of(request.user)
    )
    said = ngettext("%(count)s report needs no measure.", "%(count)s reports need no measure.", count)
    messages.success(request, said % {"count": count})
    return HttpResponseRedirect(reverse("measures"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def one_measure(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show a measure with its reports; say how far it is, what it is (`do=change`), or take some out (`do=unlink`)."""
    scope, now = scope_of(request.user), timezone.now()
    measure = one_of(measures.measures_of(scope), pk=identity)
    problem = ""
    if request.method == "POST":
        try:
            _do(request, measure, scope)
        except BadInput as wrong:
            problem = str(wrong.sentence)
            measure = one_of(measures.measures_of(scope), pk=identity)
        else:
            return HttpResponseRedirect(reverse("measure", args=[measure.pk]))
    linked = MeasureLink.objects.filter(measure=measure).values("report")
    rows = list(Report.objects.filter(pk__in=linked).for_list().order_by("-recorded_at", "-id")[: MOST_SHOWN + 1])
    context = {
        "measure": measure,
        "rows": [row_of(report_json(row, now), now) for row in rows[:MOST_SHOWN]],
        "more": len(rows) > MOST_SHOWN,
        "states": MeasureState.choices,
        "may_keep": measures.may_keep(scope, measure.region_code),
        "bodies": _bodies(measure),
        "problem": problem,
        "given": request.POST,
        "doing": request.POST.get("do", ""),
    }
    return render(request, "maps/measures/one.html", context, status=422 if problem else 200)


def _do(request: HttpRequest, measure: Measure, scope: Scope) -> None:
    match request.POST.get("do"):
        case "change":
            measures.change(measure, _draft(request), scope)
            messages.success(request, _("The measure is changed."))
        case "unlink":
            chosen = _chosen(request.POST.getlist("report"))
            count = measures.unlink(measure, chosen, request.POST.get("reason", ""), scope)
            said = ngettext("%(count)s report is taken out.", "%(count)s reports are taken out.", count)
            messages.success(request, said % {"count": count})
        case _:
            measures.move(measure, request.POST.get("state", ""), scope)


def _bodies(measure: Measure) -> list[Organisation]:
    """Return the bodies to choose from, the measure's own among them."""
    bodies = list(Organisation.objects.current().defer("jurisdiction").order_by("name")[:MOST_BODIES])
    return bodies if measure.body is None or measure.body in bodies else [measure.body, *bodies]


def _save(request: HttpRequest, chosen: list[UUID], scope: Scope) -> UUID:
    known = request.POST.get("measure", "")
    if known:
        measure = one_of(measures.measures_of(scope), pk=UUID(known))
        measures.link(measure, chosen, scope)
        return UUID(str(measure.pk))
    return UUID(str(measures.make(_draft(request), chosen, scope).pk))


def _draft(request: HttpRequest) -> measures.Draft:
    return measures.Draft(
        title=request.POST.get("title", "")[:120],
        description=request.POST.get("description", "")[:2000],
        body=id_of(request.POST.get("body", "")),
        due_on=day_of(request.POST.get("due_on", ""), _("Due on")),
    )


def _chosen(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts[: measures.MOST_AT_ONCE + 1]]
    except ValueError as error:
        raise BadInput(_("There is no such report here.")) from error


def measures_on(report: Report) -> list[dict[str, Any]]:
    """Return the measures of a report for its page, in one query."""
    links = MeasureLink.objects.filter(report=report).select_related("measure").order_by("linked_at")
    return [
        {
            "title": link.measure.title,
            "state": link.measure.get_state_display(),
            "url": reverse("measure", args=[link.measure_id]),
        }
        for link in links
    ]


urlpatterns: list[URLPattern] = [
    path("measures/", measure_list, name="measures"),
    path("measures/new/", new_measure, name="new-measure"),
    path("measures/none/", no_measure, name="no-measure"),
    path("measures/<uuid:identity>/", one_measure, name="measure"),
]
