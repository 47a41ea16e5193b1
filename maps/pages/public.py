"""The public map (公众地图): what is wrong nearby, what became of it, and a way to report; for everybody, no account.

It shows places and never people (docs/public.md). The page itself is the reader's own, since its language and the
nonce of its scripts are; what it is drawn of, the tiles, anybody may cache.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Category, Region
from grids.models.catalogue import Kind
from grids.models.places import RegionLevel
from grids.problems import BadInput, NotFound
from maps.pages import public_follow, public_report, public_search
from maps.pages.asking import by_page
from maps.pages.qr import qr_image
from maps.pages.wording import day_words, span
from patrols.models import PublicEffort
from patrols.public_effort import last_week
from patrols.public_figures import Figures, communities, places, total

STATES = ("", "open", "closed")
FRESH_SECONDS = 60
CLOSE = 17  # zoom of a single place


@require_safe
@never_cache
@by_page
def public_map(request: HttpRequest) -> HttpResponse:
    """Show the map with its list: ?region= a community or larger, ?category=, ?state=open or closed."""
    today = timezone.localdate()
    regions = list(Region.objects.current().defer("geom").order_by("code"))
    region = _region(request.GET.get("region", ""), regions)
    category, editions = _category(request.GET.get("category", ""))
    state = request.GET.get("state", "")
    if state not in STATES:
        raise BadInput(_("“%(value)s” is no state here; there are open and closed.") % {"value": state})
    single = region is not None and region.level == RegionLevel.COMMUNITY
    known = _figures(region.code if region else "", category, editions, kept=not single)
    whole = total(known.values())
    rows = _places(region.code, editions, state) if region and single else _communities(region, regions, known)
    query = {name: value for name, value in (("category", category), ("state", state)) if value}
    context = {
        "region": region,
        "single": single,
        "choices": _choices(regions),
        "categories": public_report.grouped(public_report.categories()),
        "category": category,
        "state": state,
        "sentence": _sentence(region, whole),
        "whole": whole,
        "rows": rows,
        "query": urlencode(query),
        "efforts": _efforts(region, regions, today),
        "week": day_words(last_week(today), today),
        "report_url": _address("public-report", region=region.code if region else "", category=category),
        "data": {
            "bounds": public_report.bounds_of(region.code if region else ""),
            "params": {name: value for name, value in query.items() if value},
        },
    }
    return render(request, "maps/public/map.html", context)


@require_safe
@never_cache
@by_page
def poster(request: HttpRequest) -> HttpResponse:
    """Show a sheet to print with the code that leads to the public map of a region."""
    regions = list(Region.objects.current().defer("geom").order_by("code"))
    region = _region(request.GET.get("region", ""), regions)
    url = settings.BASE_URL + _address("public", region=region.code if region else "")
    context = {"region": region, "url": url, "qr": qr_image(url)}
    return render(request, "maps/public/poster.html", context)


def _region(code: str, regions: Iterable[Region]) -> Region | None:
    if not code:
        return None
    found = next((region for region in regions if region.code == code), None)
    if found is None:
        raise NotFound(_("There is no region with this code."))
    return found


def _category(code: str) -> tuple[str, list[int] | None]:
    """Return the code of a category of problems and the ids of its editions, None for all; raises BadInput."""
    if not code:
        return "", None
    editions = list(Category.objects.filter(code=code[:5], kind=Kind.PROBLEM).values_list("pk", flat=True))
    if len(code) > 5 or not editions:
        raise BadInput(_("There is no category “%(code)s” in the catalogue.") % {"code": code[:20]})
    return code, editions


def _choices(regions: Iterable[Region]) -> list[dict[str, str]]:
    """Return what one may choose from, indented by level."""
    depth = {RegionLevel.DISTRICT: "", RegionLevel.SUBDISTRICT: "\u3000", RegionLevel.COMMUNITY: "\u3000\u3000"}
    return [{"code": one.code, "name": depth[RegionLevel(one.level)] + one.local_name} for one in regions]


def _figures(code: str, category: str, editions: list[int] | None, *, kept: bool) -> dict[str, Figures]:
    """Return the figures of communities; those of many may be a minute old, so that a crowd costs what one does."""
    if not kept:
        return communities(code, editions)
    name = f"public-figures:{code}:{category}"
    known: dict[str, Figures] | None = cache.get(name)
    if known is None:
        known = communities(code, editions)
        cache.set(name, known, FRESH_SECONDS)
    return known


def _sentence(region: Region | None, whole: Figures) -> str:
    """Return the answer to what most people come for."""
    place = region.local_name if region else _("The whole area")
    if not whole.open and not whole.closed:
        return _("%(place)s: nothing is being dealt with, and nothing was within a year.") % {"place": place}
    solved = ngettext("%(count)d solved this month", "%(count)d solved this month", whole.closed_month)
    at_work = ngettext("%(count)d being dealt with", "%(count)d being dealt with", whole.open)
    return _("%(place)s: %(solved)s, %(at_work)s") % {
        "place": place,
        "solved": solved % {"count": whole.closed_month},
        "at_work": at_work % {"count": whole.open},
    }


def _communities(region: Region | None, regions: Iterable[Region], known: dict[str, Figures]) -> list[dict[str, Any]]:
    inside = [
        one
        for one in regions
        if one.level == RegionLevel.COMMUNITY and (region is None or one.code.startswith(region.code))
    ]
    return [
        {"name": one.local_name, "code": one.code, **_row(figures)}
        for one in inside
        if (figures := known.get(one.code, Figures()))
    ]


def _places(code: str, editions: list[int] | None, state: str) -> list[dict[str, Any]]:
    english = (get_language() or "").startswith("en")
    return [
        {
            "name": (one.name_en if english else "") or one.name or _("A place without a name"),
            "box": ",".join(f"{side:.4f}" for side in one.box),
            # The view as an address: who taps before the script is there finds it when the map comes.
            "view": f"#{CLOSE}/{one.at[1]:.5f}/{one.at[0]:.5f}",
            **_row(one.figures),
        }
        for one in places(code, editions)
        if not state or getattr(one.figures, state)
    ]


def _row(figures: Figures) -> dict[str, Any]:
    took = "" if figures.hours is None else span(timedelta(hours=max(1.0, figures.hours)))
    return {"open": figures.open, "closed": figures.closed, "took": took}


def _efforts(region: Region | None, regions: Iterable[Region], today: Any) -> list[dict[str, Any]]:
    """Return how much of the streets of each community in view was walked last week, as far as that may be told."""
    rows = PublicEffort.objects.filter(week=last_week(today))
    if region:
        rows = rows.filter(region_code__startswith=region.code)
    names = {one.code: one.local_name for one in regions}
    return [
        {"name": names[row.region_code], "share": row.share}
        for row in rows.order_by("region_code")
        if row.region_code in names
    ]


def _address(name: str, **query: str) -> str:
    given = {key: value for key, value in query.items() if value}
    return reverse(name) + (f"?{urlencode(given)}" if given else "")


urlpatterns: list[URLPattern] = [
    path("public/", public_map, name="public"),
    path("public/poster/", poster, name="public-poster"),
    *public_search.urlpatterns,
    *public_report.urlpatterns,
    *public_follow.urlpatterns,
]
