"""What the API's answers about reports look like, for its description; `presentation` writes them."""

from typing import Any

from rest_framework import serializers

from grids.models.catalogue import Acts
from grids.rest import Query
from patrols.models.reports import Kind, Source
from patrols.photos.shapes import PhotoDetailShape, PhotoShape
from patrols.presentation import OTHER_VERBS
from patrols.workflow import TRANSITIONS, Needs, State

Shape = serializers.Serializer[Any]


class ReportQuery(Query):
    """The filters of reports; `patrols.filters` reads them."""

    state = serializers.CharField(required=False, help_text="One or more states by comma, or `open`.")
    category = serializers.CharField(required=False, help_text="A category's code.")
    grid = serializers.CharField(required=False, help_text="A grid's code of 15 digits.")
    late = serializers.ChoiceField(["1", "0"], required=False, help_text="1: only what is past its time.")
    source = serializers.ChoiceField(Source.values, required=False)  # type: ignore[assignment]
    since = serializers.CharField(required=False, help_text="Recorded from this day or moment on.")
    until = serializers.CharField(required=False, help_text="Recorded up to this day, itself included, or moment.")
    bbox = serializers.CharField(required=False, help_text="west,south,east,north in degrees.")
    q = serializers.CharField(required=False, help_text="Words of the place, or the beginning of a case number.")


class CategoryShape(Shape):
    """A category of problems."""

    code = serializers.CharField()
    name = serializers.CharField()
    group = serializers.CharField()
    glyph = serializers.CharField()
    acts = serializers.ChoiceField(Acts.values)
    trivial = serializers.BooleanField()
    hazard = serializers.BooleanField()
    stairwell = serializers.BooleanField()


class CategoriesShape(Shape):
    """All categories in use."""

    results = CategoryShape(many=True)
    next = serializers.URLField(allow_null=True)


class PersonRefShape(Shape):
    """A person named."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class HolderRefShape(PersonRefShape):
    """A person, team or body named."""

    kind = serializers.ChoiceField(["person", "team", "organisation"])


class GridRefShape(Shape):
    """A grid named."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class ClockShape(Shape):
    """The clock that runs; seconds since 1970."""

    kind = serializers.ChoiceField(["dispatch", "fix"], allow_null=True)
    started = serializers.IntegerField(allow_null=True)
    due = serializers.IntegerField(allow_null=True)
    late = serializers.BooleanField()


class ReportShape(Shape):
    """A report as a row of a list."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    public_number = serializers.CharField()
    kind = serializers.ChoiceField(Kind.values)
    source = serializers.ChoiceField(Source.values)  # type: ignore[assignment]
    source_label = serializers.CharField()
    state = serializers.ChoiceField(State.values)
    state_label = serializers.CharField()
    category = CategoryShape()
    place = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    grid = GridRefShape(allow_null=True)
    reporter = PersonRefShape(allow_null=True)
    lead = HolderRefShape(allow_null=True)
    clock = ClockShape()
    hold_until = serializers.DateField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class ReportRowShape(ReportShape):
    """A report of a page, with its photos."""

    photos = PhotoShape(many=True)


class VerbShape(Shape):
    """A step that the caller may take now."""

    verb = serializers.ChoiceField(sorted(TRANSITIONS))
    label = serializers.CharField()  # type: ignore[assignment]
    needs = serializers.ListField(child=serializers.ChoiceField([need.value for need in Needs]))


class EventShape(Shape):
    """One line of a report's history."""

    verb = serializers.ChoiceField([*OTHER_VERBS, *sorted(TRANSITIONS)])
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField(allow_blank=True)
    after = serializers.ChoiceField(State.values)
    state_label = serializers.CharField()
    actor = PersonRefShape(allow_null=True)
    holder = HolderRefShape(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    until = serializers.DateField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()


class ReportDetailShape(ReportShape):
    """A report with its history and what the caller may do."""

    verbs = VerbShape(many=True)
    events = EventShape(many=True)
    photos = PhotoDetailShape(many=True)
    may_add_photos = serializers.BooleanField()


class EventsShape(Shape):
    """A report's whole history, oldest first."""

    results = EventShape(many=True)
    next = serializers.URLField(allow_null=True)


class CandidateShape(HolderRefShape):
    """Somebody who could be sent."""

    fits = serializers.BooleanField()
    why = serializers.CharField()


class LeftOutShape(Shape):
    """How many were left out, and why."""

    count = serializers.IntegerField()
    why = serializers.CharField()


class CandidatesShape(Shape):
    """Who could be sent to a report, best first."""

    results = CandidateShape(many=True)
    excluded = LeftOutShape(many=True)
