"""The documents of the service as JSON: landing page, conformance, collections, schemas, pages of features."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.gis.db.models import Extent
from django.utils.translation import gettext as _

from grids.models import Region
from grids.models.places import RegionLevel
from maps.features.boxes import CRS84
from maps.features.collection import Collection

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
GEOMETRY = "https://geojson.org/schema/{}.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
Document = dict[str, Any]
Address = Callable[[str], str]
Box = tuple[float, float, float, float]


def link(address: str, relation: str, kind: str, title: str) -> dict[str, str]:
    """Return a link of a document."""
    return {"href": address, "rel": relation, "type": kind, "title": title}


def landing(at: Address) -> Document:
    """Return the landing page; `at` makes an address of a path below the service's own."""
    return {
        "title": "Gridwarden",
        "description": _("Places of a city and what is reported there, as features."),
        "links": [
            link(at(""), "self", JSON, _("This page")),
            link(at("/api"), "service-desc", OPENAPI, _("What can be asked here, as OpenAPI")),
            link(at("/conformance"), "conformance", JSON, _("The standards that it follows")),
            link(at("/collections"), "data", JSON, _("The collections")),
        ],
    }


def conformance(at: Address) -> Document:
    """Return the classes of the standards that the service conforms to."""
    return {"conformsTo": [*CONFORMANCE], "links": [link(at("/conformance"), "self", JSON, _("This page"))]}


def collections(at: Address, seen: Iterable[Collection]) -> Document:
    """Return all collections that somebody has."""
    box = extent()
    return {
        "links": [link(at("/collections"), "self", JSON, _("This page"))],
        "collections": [described(at, one, box) for one in seen],
    }


def described(at: Address, collection: Collection, box: Box | None, relation: str = "items") -> Document:
    """Return what a collection is."""
    here = f"/collections/{collection.name}"
    title = str(collection.title)
    spatial = {"spatial": {"bbox": [list(box)], "crs": CRS84}} if box else {}
    # When a feature held or was recorded; what was first and last says something about what one may not see.
    temporal = {"temporal": {"interval": [[None, None]], "trs": GREGORIAN}} if collection.timed else {}
    return {
        "id": collection.name,
        "title": title,
        "description": str(collection.description),
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "extent": {**spatial, **temporal},
        "links": [
            link(at(here), "self", JSON, title),
            link(at(f"{here}/items"), "items", GEOJSON, _("The features")),
            link(at(f"{here}/items?f=html"), "items", HTML, _("The features")),
            # The case of a relation says nothing; GDAL knows it in this one.
            link(at(f"{here}/schema"), "describedBy", SCHEMA, _("What a feature tells")),
            link(at(f"{here}/queryables"), QUERYABLES, SCHEMA, _("What features can be asked for by")),
        ],
    }


def extent() -> Box | None:
    """Return the box of all districts in EPSG:4326, None without any."""
    districts = Region.objects.current().filter(level=RegionLevel.DISTRICT)
    box: Box | None = districts.aggregate(extent=Extent("geom"))["extent"]
    return box


def schema(at: Address, collection: Collection) -> Document:
    """Return the JSON Schema of a collection's features as they are sent."""
    told = {one.name: one.schema() for one in collection.properties}
    shape = GEOMETRY.format(collection.shape or "Geometry")
    feature = {
        "type": {"const": "Feature"},
        "id": {"type": "integer"} if collection.identity is int else {"type": "string"},
        "geometry": {"$ref": shape},
        "properties": {"type": "object", "properties": told},
    }
    return _schema(at(f"/collections/{collection.name}/schema"), collection, feature)


def queryables(at: Address, collection: Collection) -> Document:
    """Return the JSON Schema of what features of a collection can be asked for by."""
    told = {name: one.schema() for name, one in collection.queryables.items()}
    address = at(f"/collections/{collection.name}/queryables")
    return {**_schema(address, collection, told), "additionalProperties": False}


def _schema(address: str, collection: Collection, told: Document) -> Document:
    return {
        "$schema": DRAFT,
        "$id": address,
        "type": "object",
        "title": str(collection.title),
        "properties": told,
    }
