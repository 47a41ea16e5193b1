"""GET /api/v1/places/search: what a result says, who gets what, and what cannot be asked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from grids.models import Place
from grids.search import index
from tests.town import Town, at, box

SignIn = Callable[[str], Client]
ADDRESS = "/api/v1/places/search"


@pytest.fixture
def market(town: Town) -> Town:
    Place.objects.create(
        source_id="m",
        name="利民农贸市场",
        name_en="Limin Market",
        aliases=["菜市场"],
        kind="market",
        geom=box(1.2, 1.2, 1.4, 1.4),
    )
    index.reconcile()
    return town


def results(client: Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get(ADDRESS, query)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_a_result_says_what_it_is_and_where(as_person: SignIn, market: Town) -> None:
    point = at(1.3, 1.3)
    [found, *_rest] = results(as_person("alice"), q="caishichang", near=f"{point.x},{point.y}")
    assert found["source"] == "place"
    assert (found["kind"], found["name"]) == ("market", "利民农贸市场")
    assert found["match"] == {"text": "菜市场", "ranges": [[0, 3]]}
    assert found["grid"] == {"id": market.grids[5].pk, "code": "150199001001005", "name": "第5网格"}
    assert (found["community"], found["context"]) == ("150199001001", "150199001001区")
    assert found["distance"] < 5
    assert found["box"] == pytest.approx(list(box(1.2, 1.2, 1.4, 1.4).extent))
    assert box(1.2, 1.2, 1.4, 1.4).covers(at(1.3, 1.3))


def test_names_come_in_the_readers_language(as_person: SignIn, market: Town) -> None:
    client = as_person("alice")
    client.cookies["django_language"] = "en"
    [found, *_rest] = results(client, q="菜市场")
    assert (found["name"], found["kind_label"], found["context"]) == ("Limin Market", "market", "Region 150199001001")


def test_a_grid_is_found_by_the_beginning_of_its_code(as_person: SignIn, market: Town) -> None:
    found = results(as_person("alice"), q="15019900100100", kinds="grid")
    assert {row["name"] for row in found} == {f"第{number}网格" for number in range(1, 10)}
    assert all(row["match"]["ranges"] == [[0, 14]] for row in found)


def test_a_region_lies_in_no_grid(as_person: SignIn, market: Town) -> None:
    [found, *_rest] = results(as_person("alice"), q="150199001001")
    assert (found["kind"], found["grid"], found["context"]) == ("community", None, "")


def test_what_does_not_exist_is_an_empty_list(as_person: SignIn, market: Town) -> None:
    assert results(as_person("alice"), q="qqqq") == []


@pytest.mark.parametrize("typed", ["caishichang", "qqqq", "绵贸市场"])
def test_a_search_costs_three_queries_beside_signing_in(as_person: SignIn, market: Town, typed: str) -> None:
    client = as_person("alice")
    results(client, q=typed)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        results(client, q=typed)
    signing_in = [row for row in queries if "django_session" in row["sql"] or '"grids_person"."id" = ' in row["sql"]]
    assert len(queries) - len(signing_in) <= 3


def test_a_visitor_is_told_to_sign_in(client: Client, market: Town) -> None:
    assert client.get(ADDRESS, {"q": "x"}).status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "·"},
        {"q": "x" * 61},
        {"q": "a\x00b"},
        {"q": "x", "near": "111"},
        {"q": "x", "near": "east,north"},
        {"q": "x", "near": "1e999,3"},
        {"q": "x", "near": "nan,nan"},
        {"q": "x", "near": "200,40"},
        {"q": "x", "kinds": "person"},
        {"q": "x", "limit": "0"},
        {"q": "x", "limit": "21"},
        {"q": "x", "limit": "many"},
        {"q": "x", "cursor": "abc"},
        {"q": "x", "unknown": "1"},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_said_in_one_sentence(as_person: SignIn, market: Town, query: dict[str, str]) -> None:
    response = as_person("alice").get(ADDRESS, query)
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]


@pytest.mark.parametrize(
    "typed",
    ["%", "_", "a%b", "'; drop table x; --", "(", "[a", "\\d+", "a|b", "%(v0)s", "{}", "12-3-402-5-6", "😀", "北" * 60],
)  # fmt: skip
def test_what_means_something_elsewhere_is_only_text_here(as_person: SignIn, market: Town, typed: str) -> None:
    assert as_person("alice").get(ADDRESS, {"q": typed}).status_code in {200, 422}
