"""What became of a problem, for whoever has its public number: the state, its steps with their days, and the result.

Nothing else: no place, no words of anybody, and of the photos those of the result that were released.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.db.models import F, Value
from django.db.models.functions import StrIndex
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Person, Region
from grids.models.catalogue import Kind
from grids.models.places import RegionLevel
from grids.problems import NotFound, Problem
from maps.pages.public_search import count_caller
from maps.pages.wording import moment
from patrols.contacts import NUMBERS
from patrols.models import Event, Follower, Photo, Report
from patrols.models.photos import PhotoKind
from patrols.models.reports import Source
from patrols.public_words import SAID
from patrols.workflow import FIXING_STATES, PARKED_STATES, State

LOOKS_A_MINUTE = 120
WRONG_A_MINUTE = 60  # of numbers with 79 bits
LONGEST_NUMBER = 40
LONGEST_REASON = 200
MOST_PHOTOS = 6


@dataclass(frozen=True, slots=True)
class Step:
    """A step on the way with the day on which it was taken, if it was."""

    name: str
    when: str
    current: bool


def _texts() -> dict[str, tuple[Promise, int]]:
    """Return what is told of each state, and how far along that is of four steps."""
    looked_at = (gettext_lazy("Received. Somebody looks at it first."), 1)
    taken = (gettext_lazy("Taken on. Somebody is being found for it."), 2)
    at_work = gettext_lazy("Somebody is dealing with it.")
    steps = {State.HANDLED: 3, State.CLOSED: 4, State.REJECTED: 4, State.WITHDRAWN: 4, State.DUPLICATE: 2}
    steps |= dict.fromkeys(PARKED_STATES, 3)
    known: dict[str, tuple[Promise, int]] = {state: (SAID[state][0], step) for state, step in steps.items()}
    known |= dict.fromkeys(FIXING_STATES, (at_work, 3))
    known |= dict.fromkeys((State.REPORTED, State.REOPENED), looked_at)
    return {state: known.get(state, taken) for state in State}


TEXTS = _texts()


@require_safe
@never_cache
def follow(request: HttpRequest, district: str, number: str) -> HttpResponse:
    """Show how far a problem is; a number of a request leads to its own page."""
    try:
        count_caller(request, "public-follow", LOOKS_A_MINUTE)
        found = _find(request, district, number.upper())
    except Problem as refused:
        asked = {"problem": refused.sentence, "number": number}
        return render(request, "maps/public/follow_none.html", asked, status=refused.status)
    if isinstance(found, Report) and found.kind == Kind.REQUEST:
        return HttpResponseRedirect(reverse("request-follow", args=[district, found.public_number]))
    told = _of_report(found) if isinstance(found, Report) else _of_follower(found)
    return render(request, "maps/public/follow.html", {"number": number.upper(), "new": "new" in request.GET, **told})


def _of_report(report: Report) -> dict[str, Any]:
    """Return how far a report is, or the one that it was put together with."""
    shown = report.duplicate_of if report.state == State.DUPLICATE and report.duplicate_of else report
    return {
        "text": TEXTS[report.state][0],
        "further": TEXTS[shown.state][0] if shown is not report else "",
        "category": report.category.local_name,
        "steps": _steps(report, shown),
        "reason": reason_of(report),
        "photos": _photos(shown),
    }


def _of_follower(follower: Follower) -> dict[str, Any]:
    """Return how far the report is that somebody said is the same; why it was refused is told to who filed it."""
    report = follower.report
    return {
        "text": TEXTS[report.state][0],
        "same": True,
        "category": report.category.local_name,
        "steps": _steps(report, report),
        "reason": _("Ask your community for the reason.") if report.state == State.REJECTED else "",
        "photos": _photos(report),
    }


@require_safe
@never_cache
def by_number(request: HttpRequest) -> HttpResponse:
    """Lead from a number somebody typed, ?number=, to its page."""
    number = "".join(filter(str.isalnum, request.GET.get("number", "")))[:LONGEST_NUMBER].upper()
    districts = Region.objects.filter(level=RegionLevel.DISTRICT).values("code")
    try:
        count_caller(request, "public-follow", LOOKS_A_MINUTE)
        for rows in (Report.objects.exclude(kind=Kind.TASK), Follower.objects.all()):
            numbered = rows.filter(district__in=districts, public_number=number)
            if number and (district := numbered.values_list("district", flat=True).first()):
                return HttpResponseRedirect(reverse("public-follow", args=[district, number]))
        _wrong(request)
    except Problem as refused:
        context = {"problem": refused.sentence, "number": number}
        return render(request, "maps/public/follow_none.html", context, status=refused.status)


def _find(request: HttpRequest, district: str, number: str) -> Report | Follower:
    """Return the problem or request of a number, or who follows one by it; raises NotFound, TooMany for guesses."""
    rows = Report.objects.exclude(kind=Kind.TASK).select_related("category", "duplicate_of")
    report = rows.filter(district=district, public_number=number).first()
    if report:
        return report
    follower = Follower.objects.select_related("report__category").filter(district=district, public_number=number)
    return (follower.first() if number else None) or _wrong(request)


def _wrong(request: HttpRequest) -> NoReturn:
    count_caller(request, "public-wrong", WRONG_A_MINUTE)
    raise NotFound(_("There is no report with this number: check that it is complete."))


def _steps(report: Report, shown: Report) -> list[Step]:
    now = timezone.now()
    _text, reached = TEXTS[shown.state]
    took_on = Event.objects.filter(district=shown.district, report=shown, verb="accept").order_by("-recorded_at")
    accepted = took_on.values_list("recorded_at", flat=True).first()
    refused = shown.state in {State.REJECTED, State.WITHDRAWN}
    last = shown.changed_at if refused else shown.closed_at
    steps: list[tuple[str, datetime | None]] = [(_("received"), report.recorded_at)]
    if not refused:
        steps += [(_("taken on"), accepted), (_("at work"), shown.dispatched_at or shown.handled_at)]
    steps.append((_("over"), last))
    place = len(steps) if reached == 4 else reached
    return [
        Step(name, moment(when, now) if when and step <= place else "", step == place)
        for step, (name, when) in enumerate(steps, start=1)
    ]


def reason_of(report: Report) -> str:
    """Return why a resident's report was not taken on, as far as the dispatcher's words are fit for the public.

    They are not where they hold a number that could be somebody's, or a name of anybody here.
    """
    if report.state != State.REJECTED:
        return ""
    said = Event.objects.filter(district=report.district, report=report, verb="reject").order_by("-recorded_at")
    words = said.values_list("reason", flat=True).first() or ""
    ours = report.source == Source.RESIDENT and report.reporter_id is None
    if not ours or not words or len(words) > LONGEST_REASON or NUMBERS.search(words) or _names(words):
        return _("Ask your community for the reason.")
    return words


def _names(words: str) -> bool:
    return Person.objects.exclude(name="").annotate(at=StrIndex(Value(words), F("name"))).filter(at__gt=0).exists()


def _photos(report: Report) -> list[Photo]:
    rows = Photo.objects.shown().filter(report=report, kind=PhotoKind.AFTER, public_at__isnull=False)
    return list(rows[:MOST_PHOTOS])


urlpatterns: list[URLPattern] = [
    path("public/number/", by_number, name="public-number"),
    path("public/<slug:district>/<slug:number>/", follow, name="public-follow"),
]
