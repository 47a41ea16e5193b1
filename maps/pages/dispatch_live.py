"""Who is on patrol, for the dispatch board: asked for every few seconds; unchanged is a 304, and looks are noted."""

from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from grids import looks
from grids.models import LookLog
from grids.models.people import Role
from grids.problems import NotFound, problem_json
from grids.scope import Scope, scope_of
from patrols.live import Walker, walkers


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
def patrols_json(request: HttpRequest) -> HttpResponse:
    """Answer who is on patrol in the dispatcher's regions and where; out of their role there is nothing.

    The tag changes at the latest every quarter of an hour, so that whoever goes on looking is noted again.
    """
    if not request.user.is_authenticated:
        return problem_json(401, _("You are signed out. Sign in again to go on."))
    scope, now = scope_of(request.user), timezone.now()
    if not scope.has(Role.DISPATCHER):
        raise NotFound(_("There is no such thing here."))
    found = walkers(scope, now)
    etag = _etag(scope, found, now)
    response: HttpResponse | None = get_conditional_response(request, etag=etag)
    if response is None:
        seen = [(one.person, one.patrol) for one in found if one.at]
        looks.note(scope.person_id, Role.DISPATCHER, LookLog.What.POSITION, seen, now)
        body = {"now": now.timestamp(), "people": [_shown(one) for one in found]}
        response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _shown(one: Walker) -> dict[str, Any]:
    return {
        "id": one.person,
        "name": one.name,
        "grid": one.grid,
        "at": one.at.timestamp() if one.at else None,
        "lon": one.lon,
        "lat": one.lat,
        "accuracy": one.accuracy,
    }


def _etag(scope: Scope, found: list[Walker], now: datetime) -> str:
    seen = [(one.person, one.name, one.grid, one.at) for one in found]
    parts = (scope.person_id, get_language(), looks.slot_of(now), seen)
    return f'"{blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'


urlpatterns: list[URLPattern] = [path("dispatch/patrols.json", patrols_json, name="dispatch-patrols")]
