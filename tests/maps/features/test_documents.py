"""The documents of the service: linked with each other, valid, and showing each what is theirs."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import drf_spectacular
import jsonschema  # type: ignore[import-untyped]
import pytest
from django.test import Client

from maps.features.collections import COLLECTIONS
from maps.tiles.layers import LAYERS
from tests.maps.features.places import PUBLIC, SCOPED, furnish, read
from tests.town import Town

VISITOR = "visitor"


def client_of(as_person: Any, who: str) -> Client:
    return Client() if who == VISITOR else as_person(who)


@cache
def openapi_30() -> Any:
    return json.loads((Path(drf_spectacular.__file__).parent / "validation" / "openapi_3_0_schema.json").read_text())


def links(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {link["rel"]: link for link in document["links"]}


def test_the_landing_page_leads_everywhere_written_either_way(town: Town, client: Client) -> None:
    for path in ("", "/"):
        found = links(read(client, path))
        assert {"self", "service-desc", "conformance", "data"} <= set(found)
        for link in found.values():
            assert link["href"].startswith("http://testserver/ogc")
            answer = client.get(urlsplit(link["href"]).path)
            assert answer.status_code == 200
            assert answer["Content-Type"] == link["type"]


def test_it_conforms_to_core_geojson_and_openapi(client: Client) -> None:
    classes = read(client, "/conformance")["conformsTo"]
    for name in ("core", "geojson", "oas30"):
        assert f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" in classes


@pytest.mark.parametrize(("who", "names"), [(VISITOR, PUBLIC), ("charlie", (*PUBLIC, *SCOPED))])
def test_each_sees_the_collections_that_are_theirs(
    town: Town, as_person: Any, who: str, names: tuple[str, ...]
) -> None:
    client = client_of(as_person, who)
    found = {one["id"]: one for one in read(client, "/collections")["collections"]}
    assert tuple(found) == names
    assert client.get("/ogc/collections")["Cache-Control"].startswith("private")
    for name, one in found.items():
        assert one == {**read(client, f"/collections/{name}")}
        assert one["itemType"] == "feature"
        (extent,) = one["extent"]["spatial"]["bbox"]
        assert extent[0] < extent[2]
        for link in one["links"]:
            answer = client.get(link["href"].removeprefix("http://testserver"))
            assert answer.status_code == 200, link
            assert answer["Content-Type"].partition(";")[0] == link["type"], link
            assert answer["Cache-Control"].startswith(
                "public" if name in PUBLIC and "html" not in link["type"] else "private"
            )


@pytest.mark.parametrize("who", [VISITOR, "dora"])
def test_its_description_is_valid_and_knows_every_address_and_parameter(town: Town, as_person: Any, who: str) -> None:
    client = client_of(as_person, who)
    answer = client.get("/ogc/api")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    jsonschema.Draft4Validator(openapi_30()).validate(document)
    assert document["servers"] == [{"url": "http://testserver/ogc/"}]
    seen = [one["id"] for one in read(client, "/collections")["collections"]]
    names = [operation["get"]["operationId"] for operation in document["paths"].values()]
    assert len(names) == len(set(names))
    for name in seen:
        parameters = document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
        told = {one.get("name") or one["$ref"].rpartition("/")[2] for one in parameters}
        assert told == {"limit", "bbox", "bbox-crs", "datetime", "cursor", "f", *COLLECTIONS[name].queryables}
        assert set(read(client, f"/collections/{name}/queryables")["properties"]) == set(COLLECTIONS[name].queryables)
    assert not [
        path for path in document["paths"] if path.startswith("/collections/") and path.split("/")[2] not in seen
    ]
    maximum = document["components"]["parameters"]["limit"]["schema"]
    assert (maximum["default"], maximum["maximum"]) == (10, 1000)
    references = {part.partition('"')[0] for part in json.dumps(document).split('"$ref": "#/')[1:]}
    for reference in references:
        found = document
        for step in reference.split("/"):
            found = found[step]


def test_a_collection_of_a_layer_has_its_name_title_and_audience() -> None:
    for name, one in COLLECTIONS.items():
        if name in LAYERS:
            assert (one.title, one.public) == (LAYERS[name].title, LAYERS[name].public)


@pytest.mark.parametrize("name", SCOPED)
def test_what_is_somebodys_asks_to_sign_in(town: Town, client: Client, name: str) -> None:
    for path in ("", "/schema", "/queryables", "/items", "/items/1"):
        answer = client.get(f"/ogc/collections/{name}{path}")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic")
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Cache-Control"].startswith("private")


def test_what_there_is_not_is_said_in_one_sentence(town: Town, client: Client) -> None:
    for path in (
        "/nothing",
        "/collections/",
        "/collections/secrets",
        "/collections/secrets/items",
        "/collections/grids/items/0",
        "/collections/grids/items/999999",
        "/collections/grids/items/99999999999999999999",
        "/collections/grids/items/one",
        "/collections/grids/items/%00",
    ):
        assert read(client, path, 404)["detail"], path
    assert client.post("/ogc/collections").status_code == 405


@pytest.mark.parametrize("path", ["", "/conformance", "/api", "/collections", "/collections/grids"])
def test_unknown_parameters_are_refused_everywhere(town: Town, client: Client, path: str) -> None:
    for query in ("colour=red", "f=xml", "f=json&f=json", "f=%00"):
        assert read(client, f"{path}?{query}", 400)["detail"]


def test_who_reads_gets_pages(town: Town, as_person: Any) -> None:
    furnish(town)
    client = as_person("dora")
    for path in ("/", "/conformance", "/collections", "/collections/grids", "/collections/grids/items"):
        answer = client.get(f"/ogc{path}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/html")
        assert "Accept" in answer["Vary"]
        assert answer["Cache-Control"].startswith("private")
    for name in COLLECTIONS:
        text = client.get(f"/ogc/collections/{name}/items?f=html&limit=1").content.decode()
        assert 'rel="collection"' in text, name
    assert "第1网格" in client.get("/ogc/collections/grids/items?f=html").content.decode()
