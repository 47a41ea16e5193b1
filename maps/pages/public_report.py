"""The form with which a resident reports a problem: what, where, and if they like words and a picture; no account.

A dispatcher looks at it before anybody else does. It asks for no name and no phone number: the number to follow it by
is all that ties it to whoever sent it.
"""

from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid7
from allauth.core import ratelimit
from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Point
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from grids import geometry_guard
from grids.models import Category, Region
from grids.models.catalogue import Kind
from grids.models.places import RegionLevel
from grids.problems import BadInput, Problem, TooMany
from grids.rate import count_this_minute, left_of_minute
from grids.scope import NOBODY
from maps.pages.asking import check_text, uuid_of
from maps.pages.public_search import count_caller, search_for
from maps.pages.wording import moment
from patrols.duplicates import category_of, handle_of
from patrols.filing import locate
from patrols.photos.limits import MOST_BYTES
from patrols.photos.uploads import check_length, expect, readable
from patrols.public import known_near
from patrols.public_filing import LONGEST_WORDS, file_problem
from patrols.workflow import PARKED_STATES, WAITING_STATES

REPORTS_A_MINUTE = 60  # of everybody together: a flood from many addresses is a flood
LOOKS_A_MINUTE = 60
TRAP = "website"  # a field that nobody sees, and programs fill in
WAITS = WAITING_STATES | PARKED_STATES


def categories() -> list[Category]:
    """Return the categories that residents may report, in the catalogue's order."""
    return list(Category.objects.filter(active=True, kind=Kind.PROBLEM))


def grouped(rows: list[Category]) -> dict[str, list[Category]]:
    """Return categories by the title of their group in the reader's language."""
    groups: dict[str, list[Category]] = {}
    for row in rows:
        groups.setdefault(row.local_group.partition(" ")[2] or row.local_group, []).append(row)
    return groups


@csrf_exempt  # a request that is too large is refused before anything reads it; `_form` checks the token
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("words", "address")
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """Show the form, ?category=, ?lon= and ?lat= as it begins, or file what was sent."""
    if request.method == "POST":
        expect(request)
        try:
            check_length(request)
            with readable():
                return _form(request)
        except (Problem, RequestDataTooBig) as refused:
            sentence = refused.sentence if isinstance(refused, Problem) else _("The form is too large.")
            status = refused.status if isinstance(refused, Problem) else 413
            context = {"sentence": sentence, "code": status, "back": reverse("public-report")}
            return render(request, "maps/refusal.html", context, status=status)
    return _form(request)


@csrf_protect
def _form(request: HttpRequest) -> HttpResponse:
    status, problem, field = 200, "", ""
    choices: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            check_text(request)
            at, choices = _place(request)
            if at is None:
                status, field = 422, "address"
                problem = _("Choose which of these places you mean.")
            else:
                return _filed(request, at)
        except Problem as refused:
            status, problem, field = refused.status, str(refused.sentence), str(refused.extra.get("field", ""))
    given = request.POST or request.GET
    context = {
        "key": uuid7.uuid7(),
        "groups": grouped(categories()),
        "given": given,
        "choices": choices,
        "problem": problem,
        "problem_field": field,
        "most_words": LONGEST_WORDS,
        "most_megabytes": MOST_BYTES >> 20,
        "trap": TRAP,
        "data": {"bounds": bounds_of(request.GET.get("region", ""))},
    }
    if request.method == "POST" and (identity := _sound_key(request)):
        context["key"] = identity
    return render(request, "maps/public/report.html", context, status=status)


def bounds_of(code: str) -> list[float] | None:
    """Return west, south, east and north of a region in degrees; of all districts for a code that is none."""
    current = Region.objects.current()
    extent = current.filter(code=code).aggregate(extent=Extent("geom"))["extent"] if code.isdecimal() else None
    extent = extent or current.filter(level=RegionLevel.DISTRICT).aggregate(extent=Extent("geom"))["extent"]
    return list(extent) if extent else None


def _filed(request: HttpRequest, at: Point) -> HttpResponse:
    form = request.POST
    if form.get(TRAP):
        raise BadInput(_("This was filled in by a program, as it seems: leave the last field empty."))
    if not form.get("category"):
        raise BadInput(_("Say what it is about."), field="category")
    locate(at)
    picture = request.FILES.get("photo")
    if isinstance(picture, UploadedFile) and (picture.size or 0) > MOST_BYTES:
        raise BadInput(_("The picture is too large."), field="photo")
    if not ratelimit.consume(request, action="public_report"):
        raise TooMany(_("Too many reports from here: wait a while, or call your community."), 60)
    if count_this_minute("public-report") > REPORTS_A_MINUTE:
        raise TooMany(_("Too many reports at once: try again in a minute."), left_of_minute())
    filed = file_problem(
        uuid_of(form.get("key", "")),
        form["category"],
        at,
        words=form.get("words", "").strip(),
        picture=picture.file if isinstance(picture, UploadedFile) and picture.size else None,
        same=form.get("same", ""),
    )
    return HttpResponseRedirect(reverse("public-follow", args=[filed.district, filed.public_number]) + "?new")


def _sound_key(request: HttpRequest) -> UUID | None:
    """Return the key that the form was sent with, so that sending it again is the same report."""
    try:
        return uuid_of(request.POST.get("key", ""))
    except Problem:
        return None


def _place(request: HttpRequest) -> tuple[Point | None, list[dict[str, Any]]]:
    """Return the place on the map or the one chosen, or else those that may be meant; raises BadInput without any."""
    form = request.POST
    lon, lat, address = form.get("lon", ""), form.get("lat", ""), form.get("address", "").strip()
    if form.get("choice"):
        lon, _comma, lat = form["choice"].partition(",")
    if lon and lat:
        return point_of(lon, lat), []
    if not address:
        raise BadInput(_("Say where it is: on the map, or by a street, an estate or a building."), field="address")
    found = search_for(request, address)
    if not found:
        raise BadInput(_("No such place was found: try fewer characters."), field="address")
    meant = [one for one in found if one["name"] == address] or found
    return (point_of(meant[0]["lon"], meant[0]["lat"]), []) if len(meant) == 1 else (None, found)


def point_of(lon: object, lat: object) -> Point:
    """Return a point in EPSG:4326; raises BadInput for what is none."""
    point = geometry_guard.to_geos(geometry_guard.parse_point(lon, lat))
    assert isinstance(point, Point)
    return point


@require_safe
@never_cache
def known(request: HttpRequest) -> JsonResponse:
    """Say whether a problem of ?category= is known near ?lon=, ?lat=: since when, and whether somebody is at it.

    By the handle the form says that it is the same.
    """
    count_caller(request, "public-known", LOOKS_A_MINUTE)
    check_text(request)
    category = category_of(request.GET.get("category", "")[:5])
    at = point_of(request.GET.get("lon", ""), request.GET.get("lat", ""))
    now = timezone.now()
    rows = [
        {
            "category": category.local_name,
            "since": moment(one.recorded_at, now),
            "state": _("waits its turn") if one.state in WAITS else _("is being dealt with"),
            "handle": handle_of(one, NOBODY, now),
        }
        for one in known_near(category, at, now)
    ]
    return JsonResponse({"results": rows})


urlpatterns: list[URLPattern] = [
    path("public/report/", report, name="public-report"),
    path("public/known.json", known, name="public-known"),
]
