"""How the API describes itself: names, words and problems of every operation, from the views themselves.

The first line of a method's docstring is an operation's summary, the rest its description. A `ListView` or `OneView`
says by its query and shape what it takes and gives; any other operation says so with `extend_schema(request=…,
responses=…)` of drf-spectacular. A view without either is reported by the test of the schema.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiParameter
from rest_framework.permissions import AllowAny

from grids.idempotency import LONGEST_KEY
from grids.problems import TITLES
from grids.rest import ListView, OneView, page_of

READS = (400, 401, 403, 406, 422, 429)
WRITES = (*READS, 404, 409, 413, 415)
ACTIONS = {"POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[ -~]*$"},
    OpenApiParameter.HEADER,
    description="The same key with the same request is answered once and for all; with another request it is 422.",
)
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457): what is wrong, in one sentence in the reader's language.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
_HEADERS = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "integer"}}},
}


def _problem(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    return {"description": TITLES[status], "content": content, **headers}


COMPONENTS = {
    "schemas": {"Problem": PROBLEM},
    "responses": {f"Problem{status}": _problem(status) for status in sorted(TITLES)},
}


class Schema(AutoSchema):
    """Describes an operation by our conventions."""

    def get_operation_id(self) -> str:
        """Return a name from path and method that stays when other operations come."""
        words = [word.replace("-", "_") for word in self._tokenize_path()]
        if self.method != "GET":
            action = ACTIONS[self.method]
        elif isinstance(self.view, ListView):
            action = "list"
        else:
            action = "get" if self.path.endswith("}") else "read"
        return "_".join([*words, action])

    def get_summary(self) -> str:
        """Return the first sentence of the method's docstring."""
        return self._doc().partition("\n")[0].strip()

    def get_description(self) -> str:  # type: ignore[override]
        """Return what the view is about and what else the method's docstring says."""
        about = (type(self.view).__doc__ or "").strip().partition("\n")[0]
        more = " ".join(self._doc().partition("\n")[2].split())
        return f"{about}\n\n{more}".strip()

    def get_override_parameters(self) -> list[Any]:
        """Return what the query of a list and the key of a POST add."""
        if self.method == "GET" and isinstance(self.view, ListView):
            return [self.view.query]
        return [KEY] if self.method == "POST" else []

    def get_response_serializers(self) -> Any:
        """Return the shape of a list's page or of a thing."""
        if self.method == "GET" and isinstance(self.view, ListView):
            return {200: page_of(self.view.shape)}
        if self.method == "GET" and isinstance(self.view, OneView):
            return {200: self.view.shape}
        return super().get_response_serializers()

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._refusals():
            responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
        return dict(sorted(responses.items()))

    def _refusals(self) -> set[int]:
        found = set(READS if self.method == "GET" else WRITES)
        # A place in the query may be out of the reader's sight as one in the path may be.
        if "{" in self.path or getattr(self.view, "looks_up", False):
            found.add(404)
        if any(isinstance(permission, AllowAny) for permission in self.view.get_permissions()):
            found -= {401, 403}
        return found

    def _doc(self) -> str:
        return (getattr(self.view, self.method.lower()).__doc__ or "").strip()


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the tokens."""

    target_class = "grids.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A token of the page /account/tokens/."}


def complete(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add the problems, and take the generator's own marks off the choices, which stand where they are used."""
    for kind, members in COMPONENTS.items():
        result["components"].setdefault(kind, {}).update(members)
    _strip(result)
    return result


def _strip(node: Any) -> None:
    if isinstance(node, dict):
        node.pop("x-spec-enum-id", None)
        for value in node.values():
            _strip(value)
    elif isinstance(node, list):
        for value in node:
            _strip(value)
