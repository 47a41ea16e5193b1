"""What a resident sees who has no account: bringing a wish through a link, and what became of it."""

import uuid_utils.compat as uuid7
from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models.catalogue import Kind
from grids.problems import BadInput, Conflict, NotAllowed, NotFound, Problem, TooMany
from grids.rate import count_this_minute, left_of_minute
from maps.pages.asking import check_text, id_of, uuid_of
from maps.pages.requests import categories, field_of
from patrols import withdrawing
from patrols.contacts import read_details
from patrols.models import Report, RequestLink
from patrols.models.reports import Source
from patrols.public_words import SAID
from patrols.request_links import bring, buildings_at, find

FOLLOWS_A_MINUTE = 120
LONGEST_NUMBER = 40
WITHDRAWS_A_MINUTE = 6  # of one request, so that nobody guesses a number


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("name", "phone", "address", "words")
@never_cache
def bring_request(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form of a link, and file what a resident wishes; ?number= leads to an earlier request."""
    status, problem, field = 200, "", ""
    try:
        link = find(token)
    except Problem as refused:
        return render(request, "maps/joining/closed.html", {"sentence": refused.sentence}, status=refused.status)
    if number := "".join(filter(str.isalnum, request.GET.get("number", "")))[:LONGEST_NUMBER]:
        return HttpResponseRedirect(reverse("request-follow", args=[link.region.code[:6], number]))
    if request.method == "POST":
        try:
            return _brought(request, link)
        except Problem as refused:
            status, problem, field = refused.status, str(refused.sentence), field_of(refused)
    context = {
        "link": link,
        "token": token,
        "key": uuid7.uuid7(),
        "buildings": buildings_at(link.grid or link.region),
        "categories": categories(),
        "given": request.POST,
        "problem": problem,
        "problem_field": field,
    }
    return render(request, "maps/requests/bring.html", context, status=status)


@require_safe
@never_cache
def follow(request: HttpRequest, district: str, number: str) -> HttpResponse:
    """Show how far a request is, to whoever has its public number: the state and nothing else."""
    try:
        _count(request, "follow", FOLLOWS_A_MINUTE)
        return _followed(request, district, number)
    except Problem as refused:
        return render(request, "maps/joining/closed.html", {"sentence": refused.sentence}, status=refused.status)


@require_POST
@sensitive_post_parameters("proof")
@never_cache
def withdraw(request: HttpRequest, district: str, number: str) -> HttpResponse:
    """Take a request back that nobody has begun, for who says how they wished to be reached."""
    try:
        _count(request, "withdraw", FOLLOWS_A_MINUTE)
        if count_this_minute(f"withdraw:{district}:{number.upper()}") > WITHDRAWS_A_MINUTE:
            raise TooMany(_("Too many attempts from here: wait a minute."), left_of_minute())
        try:
            check_text(request)
            withdrawing.withdraw(district, number, request.POST.get("proof", "")[:120])
        except (NotAllowed, Conflict, BadInput) as wrong:
            return _followed(request, district, number, wrong)
    except Problem as refused:
        return render(request, "maps/joining/closed.html", {"sentence": refused.sentence}, status=refused.status)
    return HttpResponseRedirect(reverse("request-follow", args=[district, number.upper()]))


def _count(request: HttpRequest, what: str, most: int) -> None:
    """Raise TooMany for a caller that comes too often; the library counts nothing that only reads."""
    if count_this_minute(f"{what}:{get_adapter(request).get_client_ip(request)}") > most:
        raise TooMany(_("Too many attempts from here: wait a minute."), left_of_minute())


def _followed(request: HttpRequest, district: str, number: str, wrong: Problem | None = None) -> HttpResponse:
    rows = Report.objects.filter(district=district, public_number=number.upper(), kind=Kind.REQUEST)
    report = rows.only("pk", "state", "further", "source", "reporter").first()
    if report is None:
        raise NotFound(_("There is no request with this number: check that it is complete."))
    text, step = SAID[report.state]
    context = {
        "district": district,
        "number": number.upper(),
        "text": text,
        "step": step,
        "new": "new" in request.GET,
        "withdrawable": report.source == Source.RESIDENT and not report.reporter_id and withdrawing.can(report),
        "problem": str(wrong.sentence) if wrong else "",
    }
    return render(request, "maps/requests/follow.html", context, status=wrong.status if wrong else 200)


def _brought(request: HttpRequest, link: RequestLink) -> HttpResponse:
    check_text(request)
    form = request.POST
    # Whoever mistypes a number has not sent a request yet.
    details = read_details(form.dict())
    if not ratelimit.consume(request, action="request", key=str(link.pk)):
        raise TooMany(_("Too many requests from here: wait a while, or call your community."), 60)
    report = bring(
        link,
        uuid_of(form.get("key", "")),
        form.get("category", ""),
        details,
        building=id_of(form.get("building", "")),
        words=form.get("words", "").strip()[:2000],
    )
    return HttpResponseRedirect(reverse("request-follow", args=[report.district, report.public_number]) + "?new")


urlpatterns: list[URLPattern] = [
    path("r/<slug:token>/", bring_request, name="request-bring"),
    path("follow/<slug:district>/<slug:number>/", follow, name="request-follow"),
    path("follow/<slug:district>/<slug:number>/withdraw/", withdraw, name="request-withdraw"),
]
