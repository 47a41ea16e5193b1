"""Functions of PostGIS and of our own migrations that Django does not name, as expressions."""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db.models import CharField, Exists, FloatField, Func, Q, TextField, Value

# Areas that only share an edge do not meet, in degrees (about 2 m).
EDGE = 0.00002


class GeometryType(Func):
    """GeometryType(geom): POINT, LINESTRING, POLYGON, MULTIPOLYGON, …"""

    function = "GeometryType"
    arity = 1
    output_field = CharField()


class PointOnSurface(Func):
    """ST_PointOnSurface(geom): a place inside of an area, however it is shaped."""

    function = "ST_PointOnSurface"
    arity = 1
    output_field = GeometryField(srid=4326)


class Core(Func):
    """An area without its rim: a neighbour along an edge does not meet it."""

    function = "ST_Buffer"
    template = f"%(function)s(%(expressions)s, -{EDGE:.6f})"
    output_field = GeometryField()


class SearchGrams(Func):
    """search_grams(text): every character and every pair of neighbours, lower case (grids migration 0011).

    The trigrams of pg_trgm are no use for Chinese, where most words have two characters.
    """

    function = "search_grams"
    arity = 1
    output_field = ArrayField(TextField())


class SearchSounds(Func):
    """search_sounds(text): every word and every pair of neighbouring words of a text with single spaces.

    It and the next are made by the migrations that make the index of names.
    """

    function = "search_sounds"
    arity = 1
    output_field = ArrayField(TextField())


class SearchInitials(Func):
    """search_initials(text): every two and every three neighbouring letters."""

    function = "search_initials"
    arity = 1
    output_field = ArrayField(TextField())


class OneElement(Func):
    """ARRAY[value]: a plain column in an index of arrays."""

    template = "(ARRAY[(%(expressions)s)::text])"
    arity = 1
    output_field = ArrayField(TextField())


def holds_words(field: str, words: str) -> Q:
    """Return the condition that a text column holds the words somewhere, whatever their case, served by an index.

    The index is a GinIndex on `SearchGrams(field)`: it finds the rows that hold all of the words' pairs of characters.
    """
    pairs = Func(Value(words), function="search_pairs", output_field=ArrayField(TextField()))
    grams: Any = DataContains(SearchGrams(field), pairs)
    return Q(grams) & Q(**{f"{field}__icontains": words})


class ForcePolygonCCW(Func):
    """ST_ForcePolygonCCW(geom): outer rings counter-clockwise, as RFC 7946 wants them."""

    function = "ST_ForcePolygonCCW"
    arity = 1
    output_field = GeometryField(srid=4326)


class GeographyDistance(Func):
    """ST_Distance(shape::geography, point::geography): metres between shapes in EPSG:4326, whatever their types."""

    template = "ST_Distance(%(expressions)s::geography)"
    arg_joiner = "::geography, "
    output_field = FloatField()

    def __init__(self, shape: str, point: Any) -> None:
        super().__init__(shape, Value(point, output_field=GeometryField(srid=4326)))


class Looked(Exists):
    """EXISTS that is looked up row by row, in whatever order the rows come: PostgreSQL neither joins nor hashes it.

    An offset keeps it from both. So the nearest rows that have something are found by walking the index of places.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"
