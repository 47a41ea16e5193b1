"""Searching for a public place without an account: regions, named places, streets and buildings, and nothing else."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids import geometry_guard
from grids.models.places import PlaceKind, RegionLevel
from grids.models.search import SearchSource
from grids.problems import BadInput, TooMany
from grids.rate import count_this_minute, left_of_minute
from grids.scope import NOBODY
from grids.search.finding import Found, find
from grids.search.kinds import LABELS
from grids.search.query import read_query
from grids.search.ranking import ranges
from grids.search.surroundings import surroundings

SEARCHES_A_MINUTE = 120
SEARCHED = (*RegionLevel.values, *PlaceKind.values, SearchSource.STREET, SearchSource.BUILDING)
MOST_FOUND = 8


def count_caller(request: HttpRequest, what: str, most: int) -> None:
    """Raise TooMany for a caller that asks too often; the library of accounts counts nothing that only reads."""
    if count_this_minute(f"{what}:{get_adapter(request).get_client_ip(request)}") > most:
        raise TooMany(_("Too many attempts from here: wait a minute."), left_of_minute())


@require_safe
@never_cache
def public_places(request: HttpRequest) -> HttpResponse:
    """Answer with the public places that fit ?q= best, those near ?near=lon,lat first."""
    lon, _comma, lat = request.GET.get("near", "").partition(",")
    near = geometry_guard.parse_point(lon.strip(), lat.strip()) if lon else None
    found = search_for(request, request.GET.get("q", ""), (near.x, near.y) if near else None)
    return JsonResponse({"results": found})


def search_for(request: HttpRequest, words: str, near: tuple[float, float] | None = None) -> list[dict[str, Any]]:
    """Return regions, named places, streets and buildings that fit some words best.

    Raises BadInput, TooSlow, and TooMany for a caller that searches too often.
    """
    count_caller(request, "public-places", SEARCHES_A_MINUTE)
    query = read_query(words[:60])
    if query is None or "\x00" in words:
        raise BadInput(_("Type a letter, a digit or a character to search for."))
    found = find(query, NOBODY, near, SEARCHED, MOST_FOUND)
    around = surroundings([(row.lon, row.lat) for row in found])
    english = (get_language() or "").startswith("en")
    return [
        _found(row, (one.community_name_en if english else "") or one.community_name, english=english)
        for row, one in zip(found, around, strict=True)
    ]


def _found(row: Found, community: str, *, english: bool) -> dict[str, Any]:
    return {
        "source": row.source,
        "id": row.id,
        "kind": row.kind,
        "kind_label": str(LABELS[row.kind]),
        "name": (row.name_en if english else "") or row.name,
        "context": "" if row.source == SearchSource.REGION else community,
        "lon": row.lon,
        "lat": row.lat,
        "box": row.box,
        "grid": None,
        "distance": None if row.metres is None else round(row.metres),
        "match": {"text": row.spelt.text, "ranges": ranges(row.spelt, row.match)},
    }


urlpatterns: list[URLPattern] = [path("public/places.json", public_places, name="public-places")]
