"""What the API takes: checked field by field before anything is done with it."""

from typing import Any

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from grids import geometry_guard, shifts
from grids.models.catalogue import Kind
from grids.problems import BadInput
from grids.rest import ANY_ID, Input
from patrols.contacts import read_details
from patrols.filing import Draft
from patrols.models.reports import Source
from patrols.workflow import TRANSITIONS, State

CRS = ("wgs84", "gcj02", "bd09")


class ContactInput(Input):
    """How to reach who asks: kept sealed, and given back by no answer but that of the contact itself."""

    name = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    address = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class ReportInput(Input):
    """A report to file: a category and a place, the rest optional."""

    id = serializers.UUIDField(required=False)
    category = serializers.CharField(max_length=5)
    lon = serializers.FloatField(required=False)
    lat = serializers.FloatField(required=False)
    geometry = serializers.JSONField(required=False)
    crs = serializers.ChoiceField(CRS, default="wgs84")
    # The framework's own attribute of this name is taken off the class before it could be confused.
    source = serializers.ChoiceField(Source.values, default=Source.PATROL)  # type: ignore[assignment]
    place = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    stairwell = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)
    occurred_at = serializers.DateTimeField(
        required=False,
        error_messages={"invalid": gettext_lazy("This must be a moment such as 2026-11-03T08:30:00+08:00.")},
    )
    on_the_spot = serializers.BooleanField(default=False)
    outside_number = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="What the hotline calls it."
    )
    outside_due_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="Until when they want it dealt with.",
        error_messages={"invalid": gettext_lazy("This must be a moment such as 2026-11-03T08:30:00+08:00.")},
    )
    kind = serializers.ChoiceField(Kind.values, default=Kind.PROBLEM)
    contact = ContactInput(required=False, allow_null=True)


class TransitionInput(Input):
    """A verb with what it needs."""

    verb = serializers.ChoiceField(sorted(TRANSITIONS))
    expected = serializers.ChoiceField(State.values, required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    person = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)
    team = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)
    organisation = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)
    until = serializers.DateField(
        required=False,
        allow_null=True,
        error_messages={"invalid": gettext_lazy("This must be a day such as 2026-11-03.")},
    )
    original = serializers.UUIDField(required=False, allow_null=True)
    by_hand = serializers.BooleanField(
        default=False, help_text="For `accept`: whoever accepts dispatches by hand; no rule sends it out by itself."
    )


def draft_of(data: dict[str, Any]) -> Draft:
    """Return the draft for a validated body: the place passes the guard and is brought to EPSG:4326.

    The anchor of a line or an area is a point on it. Raises BadInput for a place that cannot be one.
    """
    if "geometry" in data:
        place = geometry_guard.check_geojson(data["geometry"])
    elif "lon" in data and "lat" in data:
        place = geometry_guard.parse_point(data["lon"], data["lat"])
    else:
        raise BadInput(_("Give the place: lon and lat, or a geometry."))
    place = geometry_guard.check_sound(shifts.geometry_to_wgs84(place, data["crs"]))
    anchor = geometry_guard.to_geos(place.representative_point())
    assert isinstance(anchor, Point)
    given = ("category", "source", "place", "description", "stairwell", "occurred_at", "on_the_spot", "id", "kind")
    outside = ("outside_number", "outside_due_at")
    return Draft(
        geom=geometry_guard.to_geos(place),
        anchor=anchor,
        contact=read_details(data["contact"]) if data.get("contact") else None,
        **{name: data[name] for name in (*given, *outside) if name in data},
    )
