"""A problem that is back (复发): where one of its category was closed lately, counted along the chain."""

from datetime import datetime, timedelta
from math import cos, radians
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import Point
from django.db.models import ExpressionWrapper, F, FloatField, Func, JSONField, OuterRef, Q, Subquery, Value
from django.db.models.fields import DateTimeField
from django.db.models.functions import JSONObject

from grids.models.catalogue import Kind
from patrols.duplicates import METRES_A_DEGREE
from patrols.models import Report
from patrols.workflow import State


def earlier_of(anchor: Point, stairwell: int | None, now: datetime) -> Subquery:
    """Return an expression on categories: the report closed last that a problem at a point in EPSG:4326 repeats.

    As near as for duplicates (`near_metres`, stairwells by the entrance), closed at most `recurs_days` ago; a JSON
    object for `told_by`, or null.
    """
    place = Value(anchor, output_field=GeometryField(srid=4326))
    metres = OuterRef("near_metres")
    reach = [
        ExpressionWrapper(metres / Value(size), output_field=FloatField())
        for size in (METRES_A_DEGREE * max(cos(radians(anchor.y)), 0.01), METRES_A_DEGREE)
    ]
    box = Func(place, *reach, function="ST_Expand", output_field=GeometryField(srid=4326))
    near = Q(anchor__bboverlaps=box, away__lte=metres)
    if stairwell is not None:
        near = Q(stairwell=stairwell) | (near & Q(stairwell__isnull=True))
    ago = ExpressionWrapper(
        Value(now) - OuterRef("recurs_days") * Value(timedelta(days=1)), output_field=DateTimeField()
    )
    rows = (
        Report.objects.annotate(away=Func(F("anchor"), place, function="ST_DistanceSphere", output_field=FloatField()))
        .filter(near, state=State.CLOSED, kind=Kind.PROBLEM, category__code=OuterRef("code"), closed_at__gt=ago)
        .order_by("-closed_at")
        .values(told=JSONObject(id="id", times="times"))
    )
    return Subquery(rows[:1], output_field=JSONField())


def told_by(earlier: dict[str, Any] | None) -> dict[str, Any]:
    """Return the columns of a report that follows an earlier one, or none."""
    if earlier is None:
        return {}
    return {"recurrence_of_id": UUID(earlier["id"]), "times": earlier["times"] + 1}
