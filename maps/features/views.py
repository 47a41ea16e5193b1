"""The service over HTTP: its documents, pages of features and single features, as JSON or as a small page to read."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _

from grids.problems import NotFound
from grids.scope import NOBODY, Scope
from grids.tokens import Refused
from maps.features import documents
from maps.features.access import answered, reader
from maps.features.asking import check, read_wanted
from maps.features.collection import Collection, Page
from maps.features.collections import COLLECTIONS, seen_by
from maps.features.description import openapi
from maps.features.documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, link
from maps.tiles.views import PRIVATE, PUBLIC

ROOT = "/ogc"


@answered
def landing(request: HttpRequest) -> HttpResponse:
    """Say what there is and where."""
    check(request)
    document = documents.landing(_addresses(request))
    if _as_page(request):
        return _page(request, document, collections=seen_by(reader(request)))
    return _answer(request, _written(document), JSON)


@answered
def conformance(request: HttpRequest) -> HttpResponse:
    """Say which standards are followed."""
    check(request)
    document = documents.conformance(_addresses(request))
    if _as_page(request):
        return _page(request, {"title": _("The standards that it follows"), **document})
    return _answer(request, _written(document), JSON)


@answered
def api(request: HttpRequest) -> HttpResponse:
    """Describe the service, with the collections of whoever asks."""
    check(request)
    scope = reader(request)
    return _answer(request, _written(openapi(_addresses(request)(""), seen_by(scope))), OPENAPI, scope)


@answered
def collections(request: HttpRequest) -> HttpResponse:
    """List the collections of whoever asks."""
    check(request)
    scope = reader(request)
    if _as_page(request):
        return _page(request, {"title": _("The collections")}, collections=seen_by(scope))
    return _answer(request, _written(documents.collections(_addresses(request), seen_by(scope))), JSON, scope)


@answered
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """Say what a collection is."""
    one, scope = _found(request, name)
    check(request)
    document = documents.described(_addresses(request), one, documents.extent())
    if _as_page(request):
        return _page(request, document, one=one)
    return _answer(request, _written(document), JSON, scope)


@answered
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """Say what the features of a collection tell."""
    return _schema(request, name, documents.schema)


@answered
def queryables(request: HttpRequest, name: str) -> HttpResponse:
    """Say by what the features of a collection can be asked for."""
    return _schema(request, name, documents.queryables)


@answered
def items(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a page of features; the link `next` leads to the one after it."""
    one, scope = _found(request, name)
    wanted = read_wanted(request, one)
    page = one.page(scope or NOBODY, wanted)
    at = _addresses(request)
    links = _items_links(request, at, one, page)
    if _as_page(request):
        rows = [json.loads(text) for text in page.features]
        onward = f"?{urlencode({**request.GET.dict(), 'f': 'html', 'cursor': page.cursor})}" if page.cursor else ""
        return _page(request, {"title": str(one.title), "links": links}, one=one, rows=rows, onward=onward)
    body = f'{{"type":"FeatureCollection","features":[{",".join(page.features)}]'
    tail = {"links": links, "numberReturned": len(page.features)}
    stable = body + "," + json.dumps(tail, ensure_ascii=False)[1:-1]
    return _answer(request, f'{stable},"timeStamp":"{_now()}"}}', GEOJSON, scope, stable=stable)


@answered
def item(request: HttpRequest, name: str, identity: str) -> HttpResponse:
    """Answer with one feature."""
    one, scope = _found(request, name)
    check(request)
    text = _one(one, scope or NOBODY, identity)
    at, here = _addresses(request), f"/collections/{name}/items/{identity}"
    links = [
        link(at(here), "self", GEOJSON, str(one.title)),
        link(at(f"{here}?f=html"), "alternate", HTML, _("This as a page")),
        link(at(f"/collections/{name}"), "collection", JSON, str(one.title)),
    ]
    if _as_page(request):
        return _page(request, {"title": str(one.title), "links": links}, one=one, rows=[json.loads(text)])
    return _answer(request, f'{text[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}', GEOJSON, scope)


@answered
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Say that there is nothing at an address."""
    raise NotFound(_("There is no such address here: /ogc/api lists them."))


def _schema(
    request: HttpRequest, name: str, make: Callable[[documents.Address, Collection], documents.Document]
) -> HttpResponse:
    one, scope = _found(request, name)
    check(request)
    return _answer(request, _written(make(_addresses(request), one)), SCHEMA, scope)


def _found(request: HttpRequest, name: str) -> tuple[Collection, Scope | None]:
    """Return a collection and who asks for it; for a public one nobody is asked who they are, and that is None.

    Raises NotFound for one that there is not, Refused for a visitor where somebody has to be known.
    """
    one = COLLECTIONS.get(name)
    if one is None:
        raise NotFound(
            _("There is no collection “%(name)s”; there are %(names)s.")
            % {"name": name, "names": ", ".join(COLLECTIONS)}
        )
    if one.public:
        return one, None
    scope = reader(request)
    if scope.person is None:
        raise Refused(_("Sign in or bring a token to see this collection."))
    return one, scope


def _one(collection: Collection, scope: Scope, identity: str) -> str:
    try:
        key = collection.identity(identity)
        found = collection.one(scope, key) if not isinstance(key, int) or 0 < key < 2**63 else None
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such thing here."))
    return found


def _addresses(request: HttpRequest) -> documents.Address:
    root = request.build_absolute_uri(ROOT)
    return lambda path: f"{root}{path}" if path else f"{root}/"


def _items_links(request: HttpRequest, at: documents.Address, one: Collection, page: Page) -> list[dict[str, str]]:
    # On a page they are for programs all the same: without a word a browser would get the page again.
    given = request.GET.dict() | ({"f": "json"} if _as_page(request) else {})
    here = f"/collections/{one.name}/items"

    def address(**other: str) -> str:
        return at(here) + (f"?{urlencode(query)}" if (query := {**given, **other}) else "")

    found = [
        link(address(), "self", GEOJSON, str(one.title)),
        link(address(f="html"), "alternate", HTML, _("This as a page")),
        link(at(f"/collections/{one.name}"), "collection", JSON, str(one.title)),
    ]
    if page.cursor:
        found.append(link(address(cursor=page.cursor), "next", GEOJSON, _("The next page")))
    return found


def _as_page(request: HttpRequest) -> bool:
    """Whether a page to read is wanted: by the parameter `f`, else by what is accepted."""
    if "f" in request.GET:
        return request.GET["f"] == "html"
    return request.get_preferred_type([JSON, GEOJSON, HTML]) == HTML


def _page(request: HttpRequest, document: documents.Document, **shown: Any) -> HttpResponse:
    response = render(request, "maps/features.html", {"document": document, **shown})
    response["Cache-Control"] = PRIVATE
    patch_vary_headers(response, ["Accept", "Cookie", "Authorization"])
    return response


def _written(document: documents.Document) -> str:
    return json.dumps(document, ensure_ascii=False)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _answer(request: HttpRequest, text: str, kind: str, scope: Scope | None = None, stable: str = "") -> HttpResponse:
    """Return a document, or 304 to who has it; with a scope it is somebody's own, also a visitor's.

    `stable` is the part of it that is told apart: the time of the answer alone makes no other.
    """
    reach = scope.key.encode() if scope else b""
    digest = blake2b((stable or text).encode(), digest_size=12, key=reach).hexdigest()
    response = HttpResponse(text, content_type=kind)
    response["ETag"] = etag = f'W/"{digest}"'
    response["Cache-Control"] = PRIVATE if scope else PUBLIC
    patch_vary_headers(response, ["Accept", *(("Cookie", "Authorization") if scope else ())])
    return get_conditional_response(request, etag=etag, response=response) or response


urlpatterns: list[URLPattern] = [
    path("", landing, name="ogc"),
    path("conformance", conformance, name="ogc-conformance"),
    path("api", api, name="ogc-api"),
    path("collections", collections, name="ogc-collections"),
    path("collections/<str:name>", collection, name="ogc-collection"),
    path("collections/<str:name>/schema", schema, name="ogc-schema"),
    path("collections/<str:name>/queryables", queryables, name="ogc-queryables"),
    path("collections/<str:name>/items", items, name="ogc-items"),
    path("collections/<str:name>/items/<str:identity>", item, name="ogc-item"),
    re_path(r"^(?P<rest>[\s\S]+)$", nothing, name="ogc-nothing"),
]
