"""The calls of GeoReport v2 over HTTP. No session counts here: reading is public, filing needs a key."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, re_path
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from grids import problems
from grids.problems import NotFound, Problem, TooMany
from grids.rate import count_this_minute, left_of_minute
from patrols.open311 import filing, listing, reading, services
from patrols.open311.faults import Faults, status_of
from patrols.open311.media import read_form
from patrols.open311.writing import JSON, XML, answer

View = Callable[..., HttpResponse]
READ = ("GET", "HEAD")
# What a call that is not about requests may be given.
PLAIN = frozenset({"jurisdiction_id", "api_key", "extensions"})


def call(*methods: str) -> Callable[[View], View]:
    """Make a view of a call: whatever is wrong with it is said in the form that was asked for."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, form: str = XML, **named: str) -> HttpResponse:
            try:
                response = _called(view, methods, request, form, named)
            except Exception as error:
                known = _fault(error)
                if known is None:
                    raise
                response = _refused(form, error, *known)
            response["Cache-Control"] = "private, no-cache"
            patch_vary_headers(response, ["Accept-Language"])
            return response

        return answered

    return decorate


def _called(
    view: View, methods: tuple[str, ...], request: HttpRequest, form: str, named: dict[str, str]
) -> HttpResponse:
    if request.method not in methods:
        refusal = Faults([_("This call is made by %(methods)s.") % {"methods": ", ".join(methods)}], 405)
        response = _refused(form, refusal, 405, refusal.sentences)
        response["Allow"] = ", ".join(methods)
        return response
    if request.method in READ:
        caller = get_adapter(request).get_client_ip(request)
        if count_this_minute(f"open311:{caller}") > settings.OPEN311_RATE:
            raise TooMany(_("Too many requests from here: wait until the next minute."), left_of_minute())
    return view(request, form, **named)


def _fault(error: Exception) -> tuple[int, list[str]] | None:
    """Return the status and the sentences of an exception that is the caller's, else None."""
    if isinstance(error, Faults):
        return error.status, error.sentences
    if isinstance(error, MultiPartParserError | SuspiciousOperation):
        known = problems.answer(error)
        return (status_of(known[0]), [known[1]]) if known else (400, [_("The form cannot be read.")])
    known = problems.answer(error)
    return (status_of(known[0]), [known[1]]) if known else None


def _refused(form: str, error: Exception, status: int, sentences: list[str]) -> HttpResponse:
    response = answer(form, "errors", [{"code": status, "description": text} for text in sentences], status)
    if isinstance(error, Problem) and "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


@call(*READ)
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Say where this site answers."""
    _plain(request)
    return answer(form, "discovery", services.discovery())


@call(*READ)
def service_list(request: HttpRequest, form: str) -> HttpResponse:
    """List what can be reported."""
    _plain(request)
    return answer(form, "services", services.services())


@call(*READ)
def service_definition(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """Say what a service asks."""
    _plain(request)
    return answer(form, "service_definition", services.definition(code))


@call("POST", *READ)
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """File a request, or list those that are public."""
    if request.method == "POST":
        return answer(form, "service_requests", [filing.post(*read_form(request))], 201)
    asked = reading.read(request.GET.dict())
    district = services.district_of(asked.jurisdiction)
    if asked.just_count:
        return answer(form, "service_requests", [{"count": listing.count_of(asked, district)}])
    return answer(form, "service_requests", listing.page_of(asked, district))


@call(*READ)
def one_request(request: HttpRequest, form: str, number: str) -> HttpResponse:
    """Say how far one request is."""
    district = _plain(request)
    extensions = request.GET.get("extensions", "").lower() in {"true", "1"}
    return answer(form, "service_requests", [listing.one_of(number, district, extensions=extensions)])


@call(*READ)
def token(request: HttpRequest, form: str, number: str) -> HttpResponse:
    """Return the id of a token: every request has its id at once, which stands for itself."""
    found = listing.one_of(number, _plain(request), extensions=False)["service_request_id"]
    return answer(form, "service_requests", [{"service_request_id": found, "token": found}])


@call("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
def nothing(request: HttpRequest, form: str) -> HttpResponse:
    """Say that there is no such call."""
    raise NotFound(_("There is no such call: names end in .xml or .json, as in services.xml."))


def _plain(request: HttpRequest) -> str:
    """Return the district that a call without filters is about; raises Faults, NotFound."""
    unknown = [name for name, value in request.GET.dict().items() if str(value).strip() and name not in PLAIN]
    if unknown:
        names = {"name": unknown[0][:40], "allowed": ", ".join(sorted(PLAIN - {"api_key"}))}
        raise Faults([_("There is no parameter “%(name)s”; there are %(allowed)s.") % names])
    return services.district_of(str(request.GET.get("jurisdiction_id", "")).strip().replace("\x00", "?"))


def _route(pattern: str, view: Any, name: str) -> URLPattern:
    route: URLPattern = re_path(rf"^{pattern}\.(?P<form>{XML}|{JSON})$", view, name=name)
    return route


urlpatterns = [
    _route("discovery", discovery, "open311-discovery"),
    _route("services", service_list, "open311-services"),
    _route(r"services/(?P<code>[^/]{1,40})", service_definition, "open311-service"),
    _route("requests", requests, "open311-requests"),
    _route(r"requests/(?P<number>[^/]{1,60})", one_request, "open311-request"),
    _route(r"tokens/(?P<number>[^/]{1,60})", token, "open311-token"),
    re_path("^", nothing, name="open311-nothing"),
]
