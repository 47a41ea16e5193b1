"""The description of the API (OpenAPI 3.1) as JSON and YAML, made once a process; and what is not there."""

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from grids.problems import NotFound

JSON_TYPE, YAML_TYPE = "application/vnd.oai.openapi+json", "application/vnd.oai.openapi"


@cache
def description() -> dict[str, Any]:
    """Return the description, in English whoever asks first."""
    with translation.override("en"):
        made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        # As it is sent: no lazy text is left in it.
        text: dict[str, Any] = json.loads(json.dumps(made, default=str))
        return text


@cache
def _rendered(yaml: bool) -> bytes:
    if not yaml:
        return json.dumps(description(), ensure_ascii=False).encode()
    text: bytes = OpenApiYamlRenderer().render(description())  # type: ignore[no-untyped-call]
    return text


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Serve it: as YAML for ?format=yaml or where YAML alone is accepted, else as JSON."""
    accepted = request.headers.get("Accept", "")
    yaml = request.GET.get("format") == "yaml" or ("yaml" in accepted and "json" not in accepted)
    return HttpResponse(_rendered(yaml), content_type=f"{YAML_TYPE if yaml else JSON_TYPE};version=3.1")


@extend_schema(exclude=True)
class NothingHere(APIView):
    """An address below /api/v1/ that is none: said in problem details, not on a page."""

    def get(self, request: Request, rest: str) -> HttpResponse:
        """Say so."""
        raise NotFound(_("There is no such address in the API: /api/v1/schema/ lists them."))

    post = put = patch = delete = get


# Last of all: it takes whatever address is left.
urlpatterns: list[URLPattern] = [
    path("schema/", schema, name="api-schema"),
    # Also what begins a line of its own, which a dot of a pattern is not.
    re_path(r"^(?P<rest>[\s\S]*)$", NothingHere.as_view(), name="api-nothing"),
]
