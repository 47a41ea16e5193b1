"""Where trackers send: one address for each protocol, answered as the protocol wants it.

Who is not known gets the protocol's refusal. Everything else that a known device sends is answered with success once
it is stored, bad positions with their reason: a tracker that hears of an error sends the same again, before all else.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from grids.models import Device
from grids.problems import NotAllowed, Problem, TooMany, problem_json
from grids.shifts import CRS, Crs
from patrols.intake.devices import NO_ROLE, UnknownDevice, basic_password, bearer, device_for, note
from patrols.intake.storing import Sender, store
from patrols.patrolling import district_of_person
from patrols.protocols import gpslogger, osmand, overland, owntracks, traccar
from patrols.protocols.readings import KILOMETRE_AN_HOUR, KNOT, Fault, ProtocolError, Reading

SPEEDS = {
    Device.Speed.KNOTS: KNOT,
    Device.Speed.METRES_A_SECOND: 1.0,
    Device.Speed.KILOMETRES_AN_HOUR: KILOMETRE_AN_HOUR,
}
JSON = "application/json"
View = Callable[[HttpRequest], HttpResponse]
Reader = Callable[[Mapping[str, Any]], list[Reading]]


def intake(*methods: str) -> Callable[[View], View]:
    """Make a view of an intake: no cookie counts, nothing is cached, a problem is one sentence."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @require_http_methods(list(methods))
        @wraps(view)
        def answered(request: HttpRequest) -> HttpResponse:
            try:
                return view(request)
            except Problem as problem:
                response = problem_json(problem.status, str(problem.sentence), **problem.extra)
                if isinstance(problem, UnknownDevice):
                    response["WWW-Authenticate"] = 'Basic realm="ingest"'
                if isinstance(problem, TooMany):
                    response["Retry-After"] = str(problem.extra["retry_after"])
                return response

        return answered

    return decorate


@intake("GET", "POST")
def osmand_view(request: HttpRequest) -> HttpResponse:
    """OsmAnd's online tracking, and the versions of Traccar Client that speak the same."""
    return _query(request, {**request.GET.dict(), **request.POST.dict()})


@intake("GET", "POST")
def traccar_view(request: HttpRequest) -> HttpResponse:
    """Traccar Client in all of its forms: JSON, or parameters in the address or in a form."""
    if request.content_type != JSON:
        return _query(request, {**request.GET.dict(), **request.POST.dict()})
    body = _object(request)
    try:
        device = _identified(traccar.device(body) if body is not None else "")
    except ProtocolError as error:
        raise Problem(_("Say which device this is: id is missing.")) from error
    _keep(device, _read(traccar.readings, body))
    return HttpResponse()


@intake("POST")
def owntracks_view(request: HttpRequest) -> HttpResponse:
    """OwnTracks in its HTTP mode; what is no position is accepted and left aside."""
    device = device_for(basic_password(request.headers.get("Authorization", "")))
    if request.body:
        _keep(device, _read(owntracks.readings, _object(request)))
    return JsonResponse([], safe=False)


@intake("GET", "POST", "PUT")
def gpslogger_view(request: HttpRequest) -> HttpResponse:
    """GPSLogger's custom URL: parameters anywhere, or a JSON body."""
    device = device_for(basic_password(request.headers.get("Authorization", "")))
    values: Mapping[str, Any] | None = {**request.GET.dict(), **request.POST.dict()}
    if request.content_type == JSON and request.body:
        values = _object(request)
    _keep(device, _read(gpslogger.readings, values))
    return HttpResponse()


@intake("POST")
def overland_view(request: HttpRequest) -> HttpResponse:
    """Overland's batches."""
    device = device_for(bearer(request.headers.get("Authorization", "")))
    _keep(device, _read(overland.readings, _object(request)))
    return JsonResponse({"result": "ok"})


def _query(request: HttpRequest, values: dict[str, str]) -> HttpResponse:
    try:
        device = _identified(osmand.device(values))
    except ProtocolError as error:
        raise Problem(_("Say which device this is: id is missing.")) from error
    unit = SPEEDS[Device.Speed(device.speed_unit)]
    _keep(device, osmand.readings(values, unit), values.get("crs", ""))
    return HttpResponse()


def _identified(identity: str) -> Device:
    """Return the device of an identifier; these protocols know no 401, and 400 is what they expect."""
    try:
        return device_for(identity)
    except UnknownDevice as error:
        raise Problem(error.sentence) from error


def _object(request: HttpRequest) -> Mapping[str, Any] | None:
    """Return the JSON object of a body, None for what is none."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _read(reader: Reader, body: Mapping[str, Any] | None) -> list[Reading]:
    """Return the positions of a body, or one that is kept aside for what cannot be read."""
    try:
        if body is not None:
            return reader(body)
    except ProtocolError as error:
        return [Reading(None, None, attributes={"text": str(error)}, fault=Fault.UNREADABLE)]
    return [Reading(None, None, fault=Fault.UNREADABLE)]


def _keep(device: Device, readings: list[Reading], crs: str = "") -> None:
    """Store positions; of somebody who has no role any more nothing is kept, and their devices page says so."""
    if not readings:
        return
    given: Crs = crs if crs in CRS else device.crs  # type: ignore[assignment]
    try:
        district = district_of_person(device.person)
    except NotAllowed:
        note(device, NO_ROLE, timezone.now())
        return
    store(Sender(device.person, district, device, given), readings)


urlpatterns = [
    path("osmand", osmand_view, name="ingest-osmand"),
    path("traccar", traccar_view, name="ingest-traccar"),
    path("owntracks", owntracks_view, name="ingest-owntracks"),
    path("gpslogger", gpslogger_view, name="ingest-gpslogger"),
    path("overland", overland_view, name="ingest-overland"),
]
