"""What the API offers, as a page: the description of `/api/v1/schema/` made readable, without any script."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maps.site.openapi import description

ROOT = "/api/v1/"
METHODS = ("get", "post", "patch", "put", "delete")
Node = dict[str, Any]


@require_safe
@login_required
@never_cache
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show all operations by collection."""
    return render(request, "maps/api_docs.html", {"title": _("What the API offers"), "groups": groups()})


@cache
def groups() -> list[Node]:
    """Return the collections with their operations, in the order of their names."""
    found: dict[str, list[Node]] = {}
    for address, item in description()["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                found.setdefault(operation["tags"][0], []).append(_operation(address, method, operation))
    return [{"name": name, "operations": operations} for name, operations in sorted(found.items())]


def _operation(address: str, method: str, operation: Node) -> Node:
    answers = operation["responses"]
    good = next((code for code in answers if code.startswith("2")), "")
    body = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(body), "")
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": address,
        "summary": operation.get("summary", ""),
        "description": plain(operation.get("description", "")),
        "parameters": [_parameter(given) for given in operation.get("parameters", [])],
        "body_kind": "" if kind == "application/json" else kind,
        "body": list(_fields(body[kind]["schema"])) if kind else [],
        "good": good,
        "answer": list(_answer(answers.get(good, {}))),
        "refusals": ", ".join(code for code in answers if not code.startswith("2")),
    }


def _answer(answer: Node) -> Iterator[Node]:
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    yield from _fields(schema) if schema else ()


def _parameter(given: Node) -> Node:
    return {
        "name": given["name"],
        "place": given["in"],
        "type": _type(given["schema"]),
        "required": given.get("required", False),
        "about": plain(given.get("description", "")),
    }


def _fields(schema: Node) -> Iterator[Node]:
    """Yield the members of an object; those of the rows of a page instead of the page's."""
    schema = _resolved(schema)
    members = schema.get("properties", {})
    rows = members.get("results", {}).get("items")
    if rows and "next" in members:
        yield from _fields(rows)
        return
    for name, member in members.items():
        yield {
            "name": name,
            "type": _type(member),
            "required": name in schema.get("required", []),
            "about": plain(member.get("description", "")),
        }


def _resolved(schema: Node) -> Node:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Node = description()["components"]["schemas"][name] if name else schema
    return found


def _type(schema: Node) -> str:
    """Return in a few words what a value is."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2].removesuffix("Shape"))
    for way in ("oneOf", "anyOf", "allOf"):
        if way in schema:
            return " | ".join(dict.fromkeys(_type(one) for one in schema[way]))
    if "enum" in schema:
        return " | ".join("null" if value is None else str(value) for value in schema["enum"])
    kinds = schema.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "array" in kinds:
        return f"[{_type(schema.get('items', {}))}]"
    named = schema.get("format")
    return " | ".join(named if named and kind == "string" else kind for kind in kinds)


def plain(text: str) -> str:
    """Return a text without the marks of code, which a page shows as they stand."""
    return text.replace("`", "")


urlpatterns: list[URLPattern] = [path("docs/", api_docs, name="api-docs")]
