"""The description of the API: whole, without a warning, and true of every route."""

import json
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from rest_framework.views import APIView

from grids.problems import TITLES
from maps.pages.api_docs import groups
from maps.site import openapi
from maps.site.openapi import NothingHere, description

METHODS = ("get", "post", "patch", "put", "delete")


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (address, method, item[method])
        for address, item in description()["paths"].items()
        for method in METHODS
        if method in item
    ]


def views(resolver: URLResolver, before: str = "") -> list[tuple[str, Any]]:
    found = []
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append((here, getattr(entry.callback, "cls", None)))
        else:
            found += views(entry, here)
    return found


def test_it_is_generated_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    description.cache_clear()
    reset_generator_stats()
    description()
    assert not GENERATOR_STATS, capsys.readouterr().err


def test_it_says_which_version_it_is() -> None:
    assert description()["openapi"].startswith("3.1.")
    assert description()["info"]["version"] == "1.0.0"


def test_every_view_of_the_api_stands_in_it() -> None:
    there = {address.replace("{", "<").replace("}", ">") for address, _method, _operation in operations()}
    for route, view in views(get_resolver()):
        if not (isinstance(view, type) and issubclass(view, APIView)) or view is NothingHere:
            continue
        bare = "/" + "".join(part.partition(":")[2] if ":" in part else part for part in _split(route))
        assert bare in there, route


def _split(route: str) -> list[str]:
    parts = []
    for piece in route.replace("<", "|<").split("|"):
        if piece.startswith("<"):
            kind, _colon, rest = piece[1:].partition(":")
            parts += [f"{kind}:<{rest}"]
        else:
            parts.append(piece)
    return parts


def test_every_operation_has_its_name_and_words() -> None:
    names = [operation["operationId"] for _address, _method, operation in operations()]
    assert len(names) == len(set(names))
    for address, method, operation in operations():
        where = f"{method} {address}"
        assert operation["summary"].endswith((".", "?")), where
        assert len(operation["summary"]) <= 120, where
        assert operation["description"], where
        assert operation["security"] == [{"token": []}, {"cookieAuth": []}], where
        for answer in operation["responses"].values():
            assert "free-form" not in json.dumps(answer), where


def test_every_operation_names_its_problems_and_every_post_its_key() -> None:
    for address, method, operation in operations():
        where, codes = f"{method} {address}", set(operation["responses"])
        assert {"400", "401", "403", "429"} <= codes, where
        assert ("404" in codes) or "{" not in address, where
        headers = [row["name"] for row in operation.get("parameters", []) if row["in"] == "header"]
        assert ("Idempotency-Key" in headers) == (method == "post"), where
    for status in TITLES:
        problem = description()["components"]["responses"][f"Problem{status}"]
        assert "application/problem+json" in problem["content"]


def test_it_is_served_as_json_and_as_yaml_to_everybody(client: Client, db: None) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.1"
    assert json.loads(answer.content) == description()
    for asked in (
        client.get("/api/v1/schema/?format=yaml"),
        client.get("/api/v1/schema/", headers={"Accept": "application/yaml"}),
    ):
        assert asked["Content-Type"] == "application/vnd.oai.openapi;version=3.1"
        assert yaml.safe_load(asked.content) == description()


def test_no_reference_leads_nowhere() -> None:
    def check(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                kind, name = node["$ref"].split("/")[-2:]
                assert name in description()["components"][kind], node
            for value in node.values():
                check(value)
        elif isinstance(node, list):
            for value in node:
                check(value)

    check(description())


def test_the_page_shows_every_operation(as_person: Any, django_assert_max_num_queries: Any) -> None:
    client = as_person("bob")
    with django_assert_max_num_queries(12):
        html = client.get("/api/v1/docs/").content.decode()
    for _address, _method, operation in operations():
        assert f'id="{operation["operationId"]}"' in html
    assert sum(len(group["operations"]) for group in groups()) == len(operations())


def test_it_is_made_once_a_process() -> None:
    assert openapi.description() is openapi.description()
