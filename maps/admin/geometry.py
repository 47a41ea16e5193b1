"""A geometry in a form: GeoJSON text that the guard checks, drawn on our own map where there is a script."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.urls import reverse

from grids.geometry_guard import check_geojson, only, to_geos
from grids.problems import BadInput
from maps.pages.shell import html_lang, map_config

POINT, LINE, POLYGON = "Point", "LineString", "Polygon"
KINDS = {
    "POINT": (POINT,),
    "LINESTRING": (LINE,),
    "POLYGON": (POLYGON,),
    "MULTIPOLYGON": (POLYGON, "MultiPolygon"),
    "GEOMETRY": (POINT, LINE, POLYGON, "MultiLineString", "MultiPolygon"),
}
DECIMALS = 7  # of a degree, about a centimetre


class MapWidget(forms.Textarea):
    """The text of a geometry with a map above it; `kinds` may be drawn, none of them when it is only shown."""

    template_name = "maps/admin/map_widget.html"

    def __init__(self, kinds: tuple[str, ...], *, editable: bool = True) -> None:
        super().__init__({"class": "gw-geometry", "rows": 4, "spellcheck": "false", "autocomplete": "off"})
        self.kinds, self.editable = kinds, editable

    @property
    def media(self) -> forms.Media:
        """What the map needs; the import map stands in the page's head."""
        words = f"{reverse('javascript-catalog')}?{html_lang()}"
        scripts: list[Any] = [Script(words, defer=True), Script("leaflet/leaflet.js", defer=True)]
        styles = ["leaflet/leaflet.css", "maps/css/components/map.css"]
        if self.editable:
            scripts.append(Script("vendor/leaflet-geoman/leaflet-geoman.min.js", defer=True))
            styles.append("vendor/leaflet-geoman/leaflet-geoman.css")
        scripts.append(Script("maps/js/pages/admin-map.js", type="module"))
        return forms.Media(css={"all": [*styles, "maps/css/components/admin-map.css"]}, js=scripts)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add what the map starts with."""
        context = super().get_context(name, value, attrs)
        context["options"] = {"kinds": self.kinds, "editable": self.editable}
        context["map_config"] = map_config()
        return context

    def format_value(self, value: Any) -> str:
        """Return a geometry as GeoJSON; what somebody typed stays as it is."""
        return geojson(value) if isinstance(value, GEOSGeometry) else (value or "")


class GeometryTextField(forms.CharField):
    """Takes a GeoJSON geometry of given kinds and gives back a sound one in EPSG:4326."""

    def __init__(self, *, kinds: tuple[str, ...], multiple: bool, **options: Any) -> None:
        options.pop("srid", None)
        options.pop("geom_type", None)
        options["widget"] = MapWidget(kinds)
        super().__init__(strip=True, **options)
        self.limits, self.multiple = only(*kinds), multiple
        self.stored: GEOSGeometry | None = None  # what is left as it is when its text comes back

    def clean(self, value: Any) -> GEOSGeometry | None:
        """Return the geometry; raises ValidationError with the guard's sentence."""
        text = super().clean(value)
        if not text:
            return None
        if self.stored is not None and text == geojson(self.stored):
            return self.stored
        try:
            found = to_geos(check_geojson(text, self.limits))
        except BadInput as fault:
            # Half of a surrogate pair may be quoted, and cannot be written in any encoding.
            raise ValidationError(str(fault.sentence).encode("utf-8", "replace").decode()) from fault
        if self.multiple and found.geom_type == POLYGON:
            return MultiPolygon(found, srid=found.srid)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text is another one than the form was made with."""
        before = geojson(initial) if isinstance(initial, GEOSGeometry) else (initial or "")
        return bool(before != (data or "").strip())


def field_for(column: GeometryField[Any, Any], **options: Any) -> GeometryTextField:
    """Return the form field of a column."""
    return GeometryTextField(
        kinds=KINDS[column.geom_type],
        multiple=column.geom_type == "MULTIPOLYGON",
        required=not column.blank,
        label=column.verbose_name,
        help_text=column.help_text,
        **options,
    )


def geojson(geometry: Any) -> str:
    """Return a stored geometry as GeoJSON with coordinates to the centimetre."""
    return json.dumps({"type": geometry.geom_type, "coordinates": _rounded(geometry.coords)})


def _rounded(numbers: Any) -> Any:
    if isinstance(numbers, float):
        return round(numbers, DECIMALS)
    return [_rounded(part) for part in numbers]
