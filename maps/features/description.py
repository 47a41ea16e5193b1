"""The description of the service as OpenAPI 3.0: every collection with the parameters that it takes."""

from collections.abc import Iterable
from typing import Any

from maps.features.asking import FORMS, MOST, USUAL
from maps.features.boxes import CRS84
from maps.features.collection import Collection
from maps.features.documents import GEOJSON, JSON, OPENAPI, SCHEMA
from maps.features.properties import Property

Document = dict[str, Any]
TEXT = {"type": "string"}
NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
# Written in English, as the description of the API is: programs and programmers read it.
PARAMETERS: Document = {
    "bbox": {
        "name": "bbox",
        "in": "query",
        "description": "Only features that meet the box: west,south,east,north in degrees, or with the lowest height "
        "after south and the highest at the end, which say nothing here. A west beyond east crosses the antimeridian.",
        "schema": NUMBERS,
        "style": "form",
        "explode": False,
    },
    "bbox-crs": {
        "name": "bbox-crs",
        "in": "query",
        "description": "The reference system of bbox: longitude and latitude in WGS 84, there is no other.",
        "schema": {"type": "string", "format": "uri", "enum": [CRS84], "default": CRS84},
    },
    "datetime": {
        "name": "datetime",
        "in": "query",
        "description": "Only features of a time: a moment or day of RFC 3339, or two of them with / between, one of "
        "which may be .. for an open end. Without it, places as they are today and reports of all times.",
        "schema": TEXT,
    },
    "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "Where a page begins: it stands in the link `next` of the page before; make none yourself.",
        "schema": TEXT,
    },
    "f": {
        "name": "f",
        "in": "query",
        "description": "The form of the answer, in place of the header Accept.",
        "schema": {"type": "string", "enum": [*FORMS]},
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": f"How many features a page has at most; more than {MOST} is taken as {MOST}.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    },
    "featureId": {"name": "featureId", "in": "path", "required": True, "schema": TEXT},
}
LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
SCHEMAS: Document = {
    "link": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {"href": TEXT, "rel": TEXT, "type": TEXT, "title": TEXT},
    },
    "landing": {
        "type": "object",
        "required": ["links"],
        "properties": {"title": TEXT, "description": TEXT, "links": LINKS},
    },
    "conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": TEXT}, "links": LINKS},
    },
    "collections": {
        "type": "object",
        "required": ["links", "collections"],
        "properties": {
            "links": LINKS,
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
        },
    },
    "collection": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            **dict.fromkeys(("id", "title", "description", "itemType"), TEXT),
            "extent": {"type": "object"},
            "crs": {"type": "array", "items": TEXT},
            "links": LINKS,
        },
    },
    "problem": {
        "type": "object",
        "description": "What is wrong, in one sentence (RFC 9457).",
        "required": ["title", "status", "detail"],
        "properties": {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
    },
    "schema": {"type": "object", "description": "A JSON Schema."},
    "openapi": {"type": "object", "description": "This document."},
}
PROBLEM = {
    "description": "What is wrong.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
}
RESPONSES: Document = {"problem": PROBLEM}


def openapi(server: str, seen: Iterable[Collection]) -> Document:
    """Return the description for somebody who has these collections; `server` is the address of the landing page."""
    paths = {
        "/": _get("landing", "The landing page.", "landing", JSON),
        "/conformance": _get("conformance", "The standards that the service follows.", "conformance", JSON),
        "/api": _get("api", "This description.", "openapi", OPENAPI),
        "/collections": _get("collections", "The collections that you have.", "collections", JSON),
    }
    schemas = dict(SCHEMAS)
    for one in seen:
        paths.update(_paths(one))
        schemas.update(_schemas(one))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Gridwarden: features",
            "description": "Places of a city and what is reported there, as features (OGC API - Features). Beside the "
            "public collections each sees what is theirs to see: bring a token, or the session of a browser.",
            "version": "1.0.0",
        },
        "servers": [{"url": server}],
        "security": [{}, {"token": []}, {"password": []}],
        "tags": [{"name": one.name, "description": str(one.description)} for one in seen],
        "paths": paths,
        "components": {
            "parameters": PARAMETERS,
            "schemas": schemas,
            "responses": RESPONSES,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic", "description": "The token as the password."},
            },
        },
    }


def _paths(collection: Collection) -> Document:
    here, name, title = f"/collections/{collection.name}", collection.name, str(collection.title)
    page = [_known(one) for one in ("limit", "bbox", "bbox-crs", "datetime", "cursor")]
    asked = [_parameter(one) for one in collection.queryables.values()]
    more: Document = {"tags": [name]}
    return {
        here: _get(f"{name}.describe", f"{title}: what the collection is.", "collection", JSON, **more),
        f"{here}/schema": _get(f"{name}.schema", f"{title}: what a feature tells.", "schema", SCHEMA, **more),
        f"{here}/queryables": _get(f"{name}.queryables", f"{title}: what can be asked for.", "schema", SCHEMA, **more),
        f"{here}/items": _get(
            f"{name}.items", f"{title}: the features.", f"{name}.features", GEOJSON, [*page, *asked], **more
        ),
        f"{here}/items/{{featureId}}": _get(
            f"{name}.item", f"{title}: one feature.", f"{name}.feature", GEOJSON, [_known("featureId")], **more
        ),
    }


def _get(name: str, summary: str, schema: str, kind: str, parameters: Iterable[Document] = (), **more: Any) -> Document:
    answer = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    problem = {"$ref": "#/components/responses/problem"}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [*parameters, _known("f")],
            "responses": {
                "200": {"description": summary, "content": {kind: answer, "text/html": {"schema": TEXT}}},
                **dict.fromkeys(("400", "401", "403", "404", "429"), problem),
            },
            **more,
        }
    }


def _known(name: str) -> Document:
    return {"$ref": f"#/components/parameters/{name}"}


def _parameter(one: Property) -> Document:
    schema = one.schema()
    described = f"{schema.pop('title')}: only this value."
    return {"name": one.name, "in": "query", "description": described, "schema": schema}


def _schemas(collection: Collection) -> Document:
    name = collection.name
    told = {one.name: {**one.schema(), "nullable": True} for one in collection.properties}
    for one in told.values():
        if "enum" in one:
            one["enum"] = [*one["enum"], None]
    shape = {"type": {"type": "string", **({"enum": [collection.shape]} if collection.shape else {})}}
    identity = {"type": "integer"} if collection.identity is int else TEXT
    return {
        f"{name}.feature": {
            "type": "object",
            "required": ["type", "id", "geometry", "properties"],
            "properties": {
                "type": {"type": "string", "enum": ["Feature"]},
                "id": identity,
                "geometry": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {**shape, "coordinates": {"type": "array", "items": {}}},
                },
                "properties": {"type": "object", "properties": told},
                "links": LINKS,
            },
        },
        f"{name}.features": {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}.feature"}},
                "links": LINKS,
                "timeStamp": {"type": "string", "format": "date-time"},
                "numberReturned": {"type": "integer", "minimum": 0},
            },
        },
    }
