"""Offers (任务邀约) on the phone: what one is asked, and what one has taken on."""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from grids.problems import problem_json
from grids.scope import scope_of
from maps.pages.rows import symbol_of
from maps.pages.wording import moment, span
from patrols.models import Offer
from patrols.offering.showing import mark_seen, own_offers, why_over
from patrols.offering.table import WORKING_STATES, OfferState
from patrols.presentation import category_json

MOST = 30


@require_safe
@login_required
@never_cache
def offers(request: HttpRequest) -> HttpResponse:
    """Show what one is asked first, then what one has in hand, then what is over since yesterday."""
    scope, now = scope_of(request.user), timezone.now()
    found = list(own_offers(scope, now).order_by("expires_at", "pk")[:MOST])
    mark_seen(found, now)
    rows = [_row(offer, now) for offer in found]
    asked = [row for row in rows if row["asked"]]
    in_hand = [row for row in rows if row["in_hand"]]
    context = {
        "asked": asked,
        "in_hand": in_hand,
        "over": [row for row in reversed(rows) if not row["asked"] and not row["in_hand"]],
        "sentence": _sentence(len(asked), len(in_hand)),
        "now": int(now.timestamp()),
        "etag": _etag(found, now),
        "fresh": moment(now, now),
    }
    return render(request, "maps/offers.html", context)


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
def offers_json(request: HttpRequest) -> HttpResponse:
    """Answer the page's poll: 304 as long as nothing about one's offers changed."""
    if not request.user.is_authenticated:
        return problem_json(401, _("You are signed out. Sign in again to go on."))
    scope, now = scope_of(request.user), timezone.now()
    found = list(own_offers(scope, now).order_by("expires_at", "pk")[:MOST])
    etag = _etag(found, now)
    response: HttpResponse | None = get_conditional_response(request, etag=etag)
    if response is None:
        standing = sum(offer.state == OfferState.OFFERED and offer.expires_at > now for offer in found)
        response = JsonResponse({"asked": standing})
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _sentence(asked: int, in_hand: int) -> str:
    parts = []
    if asked:
        parts.append(ngettext("%(count)s offer for you", "%(count)s offers for you", asked) % {"count": asked})
    if in_hand:
        parts.append(ngettext("%(count)s in your hands", "%(count)s in your hands", in_hand) % {"count": in_hand})
    return pgettext("sentence", ", ").join(parts) or _("Nobody needs you just now")


def _row(offer: Offer, now: datetime) -> dict[str, Any]:
    report, over = offer.report, why_over(offer, now)
    category = category_json(report.category)
    asked = offer.state == OfferState.OFFERED and not over
    in_hand = offer.state in WORKING_STATES
    clock = {"late": bool(report.due_at and report.due_at < now), "started": None, "due": None}
    symbol = symbol_of({"category": category, "state": report.state, "clock": clock})
    return {
        "id": str(offer.pk),
        "report": str(report.pk),
        "url": reverse("report", args=[report.pk]) if in_hand or offer.state == OfferState.DONE else "",
        "category": category,
        "symbol": symbol,
        "place": report.place or (report.grid.local_name if report.grid else ""),
        "grid": report.grid.local_name if report.grid else "",
        "description": report.description if asked or in_hand else "",
        "lon": report.anchor.x,
        "lat": report.anchor.y,
        "near": asked or in_hand,
        "asked": asked,
        "in_hand": in_hand,
        "arrived": offer.state == OfferState.ARRIVED,
        "state": "" if over else offer.get_state_display(),
        "why_over": over,
        "by": str(offer.call.asked_by),
        "until": moment(offer.expires_at, now),
        "left": span(max(offer.expires_at - now, timedelta())),
        "expires": int(offer.expires_at.timestamp()),
        "due": moment(report.due_at, now) if report.due_at and in_hand else "",
    }


def _etag(found: list[Offer], now: datetime) -> str:
    seen = [(offer.pk, offer.state, offer.expires_at, why_over(offer, now), offer.report.changed_at) for offer in found]
    return f'"{blake2b(repr((get_language(), seen)).encode(), digest_size=12).hexdigest()}"'


urlpatterns: list[URLPattern] = [
    path("offers/", offers, name="offers"),
    path("offers/offers.json", offers_json, name="offers-json"),
]
