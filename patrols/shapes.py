"""What the API's answers about reports look like, for its description; `presentation` writes them."""

from typing import Any

from rest_framework import serializers

from grids.models.catalogue import Acts, Kind
from grids.rest import Query
from patrols.duplicates import Closeness
from patrols.models.parties import PartyState
from patrols.models.reports import Source
from patrols.photos.shapes import PhotoDetailShape, PhotoShape
from patrols.presentation import OTHER_VERBS
from patrols.workflow import TRANSITIONS, Ask, Needs, State

Shape = serializers.Serializer[Any]


class ReportQuery(Query):
    """The filters of reports; `patrols.filters` reads them."""

    state = serializers.CharField(required=False, help_text="One or more states by comma, or `open`.")
    category = serializers.CharField(required=False, help_text="A category's code.")
    grid = serializers.CharField(required=False, help_text="A grid's code of 15 digits.")
    recurrent = serializers.ChoiceField(["1", "0"], required=False, help_text="1: only what came back.")
    late = serializers.ChoiceField(
        ["1", "0", "risk"], required=False, help_text="1: only what is past its time; risk: what soon will be."
    )
    source = serializers.ChoiceField(Source.values, required=False)  # type: ignore[assignment]
    kind = serializers.ChoiceField(Kind.values, required=False)
    since = serializers.CharField(required=False, help_text="Recorded from this day or moment on.")
    until = serializers.CharField(required=False, help_text="Recorded up to this day, itself included, or moment.")
    bbox = serializers.CharField(required=False, help_text="west,south,east,north in degrees.")
    q = serializers.CharField(
        required=False, help_text="Words of the place, or the beginning of a case number, ours or one from outside."
    )


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
    kind = serializers.ChoiceField(Kind.values)


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
    risk = serializers.IntegerField(allow_null=True, help_text="From then on a quarter of the limit or less is left.")
    at_risk = serializers.BooleanField()
    late = serializers.BooleanField()


class AskShape(Shape):
    """What who deals with a report asks for and nobody has answered yet."""

    kind = serializers.ChoiceField(Ask.values)
    label = serializers.CharField()  # type: ignore[assignment]
    until = serializers.DateField()


class OutsideShape(Shape):
    """What an office outside calls a report, and until when they want it dealt with; seconds since 1970."""

    number = serializers.CharField(allow_blank=True)
    due = serializers.IntegerField(allow_null=True)


class ReportShape(Shape):
    """A report as a row of a list."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    public_number = serializers.CharField()
    kind = serializers.ChoiceField(Kind.values)
    kind_label = serializers.CharField()
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
    reports = serializers.IntegerField(help_text="How many reported it: who filed it and those who follow it.")
    times = serializers.IntegerField(help_text="Which time it is that the problem is there.")
    outside = OutsideShape(allow_null=True)
    hold_until = serializers.DateField(allow_null=True)
    ask = AskShape(allow_null=True)
    urged = serializers.IntegerField()
    supervised = serializers.IntegerField()
    rework = serializers.IntegerField(help_text="How often it was returned for rework.")
    settles_at = serializers.DateTimeField(allow_null=True, help_text="When it closes by itself unless it is verified.")
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
    takes = serializers.ListField(
        child=serializers.ChoiceField([need.value for need in Needs]), help_text="What may be given beside."
    )


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
    drawn = serializers.BooleanField(allow_null=True, help_text="Whether the sample says that somebody verifies it.")
    lapsed = serializers.ChoiceField(Ask.values, allow_null=True, help_text="What was asked for and lapsed by it.")
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()


class PartShape(Shape):
    """A part of a request or a task beside the lead's; `may` are the states that the caller may report."""

    id = serializers.IntegerField()
    holder = HolderRefShape()
    state = serializers.ChoiceField(PartyState.values)
    state_label = serializers.CharField()
    may = serializers.ListField(child=serializers.ChoiceField(PartyState.values))


class AskableShape(Shape):
    """Who could be asked to take part."""

    results = HolderRefShape(many=True)
    next = serializers.URLField(allow_null=True)


class ContactShape(Shape):
    """How to reach who asked."""

    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)


class StayShape(Shape):
    """How long somebody had a report; seconds of the limit's own time, parked time left out."""

    holder = HolderRefShape()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.ChoiceField(sorted(TRANSITIONS), allow_null=True)
    ended_label = serializers.CharField(allow_null=True)
    seconds = serializers.IntegerField()


class ReportDetailShape(ReportShape):
    """A report with its history and what the caller may do."""

    verbs = VerbShape(many=True)
    events = EventShape(many=True)
    stays = StayShape(many=True)
    photos = PhotoDetailShape(many=True)
    may_add_photos = serializers.BooleanField()
    parts = PartShape(many=True)
    may_ask = serializers.BooleanField()
    contact_until = serializers.DateField(
        allow_null=True, help_text="Until when the contact is kept, for who may look at it."
    )


class EventsShape(Shape):
    """A report's whole history, oldest first."""

    results = EventShape(many=True)
    next = serializers.URLField(allow_null=True)


class SimilarReportShape(Shape):
    """A report nearby that the caller may see."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    metres = serializers.IntegerField()
    reports = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()


class SimilarShape(Shape):
    """An open report nearby that may be the same."""

    handle = serializers.CharField(help_text="What it is called to the caller, for some days.")
    category = CategoryShape()
    state = serializers.ChoiceField(State.values)
    state_label = serializers.CharField()
    age_days = serializers.IntegerField(help_text="Whole days since it was filed.")
    distance = serializers.ChoiceField([one.value for one in Closeness])
    mine = serializers.BooleanField(help_text="Whether the caller filed it or follows it.")
    report = SimilarReportShape(allow_null=True, help_text="Null for what is not the caller's to see.")


class SimilarListShape(Shape):
    """What may be the same, the nearest first."""

    results = SimilarShape(many=True)


class FollowingShape(Shape):
    """A report that somebody follows, as far as they may know it."""

    id = serializers.UUIDField()
    category = CategoryShape()
    state = serializers.ChoiceField(State.values)
    state_label = serializers.CharField()
    reports = serializers.IntegerField()
    since = serializers.DateTimeField()


class FollowedShape(Shape):
    """What became of a draft: it follows a report, or was filed since that one is over."""

    following = FollowingShape(allow_null=True)
    report = ReportDetailShape(allow_null=True)


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
    approval = serializers.BooleanField(help_text="By its rule it is discussed before it goes out.")
