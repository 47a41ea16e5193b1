"""PostGIS functions that Django does not name, as expressions."""

from django.db.models import CharField, Func


class GeometryType(Func):
    """GeometryType(geom): POINT, LINESTRING, POLYGON, MULTIPOLYGON, …"""

    function = "GeometryType"
    arity = 1
    output_field = CharField()
