"""What the API of hotspots takes and gives."""

from datetime import date
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers

from grids.endpoints.fields import RegionField
from grids.models.platform import JobState
from grids.paging import LARGEST_PAGE
from grids.rest import Input, Query
from maps.hotspots.comparing import CHANGES
from maps.hotspots.question import FEWEST_PERMUTATIONS, MOST_PERMUTATIONS, RESOLUTIONS
from maps.hotspots.statistics.names import Emerging
from maps.hotspots.wording import ADVICE
from maps.models.hotspots import Unit
from patrols.models.reports import Source

Shape = serializers.Serializer[Any]
EMERGING = [one.value for one in Emerging]
LARGEST_SEED = 2**31 - 1
RATE_UNITS = ("", "walked_km", "thousand_households")


class Renamed(serializers.Serializer[Any]):
    """Fields whose names are words of Python."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields under the names that they have outside."""
        names = {"classes": "class", "bin": "class", "bin_before": "class_before", "other": "with"}
        return {names.get(name, name): field for name, field in super().get_fields().items()}


class DayField(serializers.DateField):
    """A day on which there can have been reports."""

    def __init__(self, **options: Any) -> None:
        within = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
        super().__init__(**{"validators": within, **options})


class HotspotInput(Input):
    """Where, when and what."""

    region = RegionField()
    since = DayField(help_text="The first day, by which a problem was recorded.")
    until = DayField(help_text="The last day, itself included.")
    unit = serializers.ChoiceField(Unit.choices, default=Unit.CELLS)
    resolution = serializers.ChoiceField(
        RESOLUTIONS,
        default=9,
        help_text="Of the hexagons (H3), with edges of about 530 m, 200 m or 76 m.",
    )
    categories = serializers.ListField(
        child=serializers.RegexField(r"^[0-9]{5}$"), default=list, max_length=50, help_text="All without any."
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        [("", ""), *Source.choices], default="", help_text="How they came in; all without it."
    )
    corrected = serializers.BooleanField(
        default=True, help_text="Whether what patrols found is compared with how much they walked."
    )
    permutations = serializers.IntegerField(
        default=0,
        min_value=0,
        max_value=MOST_PERMUTATIONS,
        help_text=f"0, or from {FEWEST_PERMUTATIONS} on: pseudo p-values by conditional permutation.",
    )
    seed = serializers.IntegerField(default=0, min_value=0, max_value=LARGEST_SEED)


class RunQuery(Query):
    """Runs of a region."""

    region = RegionField()


class HotspotSummaryShape(Shape):
    """The figures of a finished run."""

    problems = serializers.IntegerField(help_text="Problems found.")
    outside = serializers.IntegerField(help_text="How many of them lie in none of the places.")
    by_source = serializers.DictField(child=serializers.IntegerField())
    places = serializers.IntegerField()
    tested = serializers.IntegerField(help_text="Places that were compared.")
    unknown = serializers.IntegerField(help_text="Places of which too little is known to compare them.")
    few = serializers.BooleanField(help_text="Whether so few were compared that classes are a hint only.")
    walked_km = serializers.FloatField(allow_null=True, help_text="Null where walking plays no part.")
    rate_unit = serializers.ChoiceField(RATE_UNITS, help_text="What `rate` is a rate of; empty without rates.")
    weeks = serializers.IntegerField(help_text="Whole weeks that end with the last day.")
    weeks_enough = serializers.BooleanField(help_text="Whether they are enough for the classes over time.")
    bins = serializers.DictField(child=serializers.IntegerField(), help_text="Places by class, -3 to 3.")
    hot = serializers.IntegerField()
    cold = serializers.IntegerField()
    emerging = serializers.DictField(child=serializers.IntegerField(), help_text="Places by class over time.")
    recurrences = serializers.IntegerField(help_text="Places of recurrence, 500 at most.")


class HotspotRunShape(Shape):
    """A run: what was asked, how far it is, and what came of it."""

    id = serializers.UUIDField()
    region = serializers.CharField(source="region_code")
    since = serializers.DateField()
    until = serializers.DateField()
    unit = serializers.ChoiceField(Unit.choices)
    resolution = serializers.IntegerField(allow_null=True)
    categories = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    corrected = serializers.BooleanField()
    permutations = serializers.IntegerField()
    seed = serializers.IntegerField()
    title = serializers.CharField(help_text="What it is about, in the reader's language.")
    state = serializers.ChoiceField(JobState.choices)
    job = serializers.UUIDField(allow_null=True, source="job_id", help_text="/api/v1/jobs/{id} says how far it is.")
    share = serializers.FloatField(help_text="How much of it is done, of 1.")
    step = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    mine = serializers.BooleanField(help_text="Whether the reader made it and may delete it.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    code_version = serializers.CharField()
    input_digest = serializers.CharField(allow_blank=True, help_text="The same for the same data.")
    sentence = serializers.CharField(allow_blank=True, help_text="What came of it; empty until it is finished.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What to know before believing it.")
    summary = HotspotSummaryShape(allow_null=True)


class CellQuery(Renamed, Query):
    """Places of a run, the hottest first."""

    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_PAGE, default=50)
    classes = serializers.RegexField(
        r"^-?[0-3](,-?[0-3])*$", required=False, max_length=40, help_text="Classes from -3 to 3, by comma."
    )
    emerging = serializers.ChoiceField(EMERGING, required=False)
    effort = serializers.ChoiceField(("known", "unknown"), required=False)
    bbox = serializers.CharField(required=False, max_length=200, help_text="west,south,east,north in degrees, WGS-84.")
    key = serializers.RegexField(
        r"^[0-9a-f]{15}$", required=False, help_text="One place by the index of its hexagon or the code of its grid."
    )


class HotspotPlaceShape(Renamed):
    """A place of a run."""

    id = serializers.IntegerField(help_text="As in the tiles.")
    key = serializers.CharField(help_text="The H3 index of the hexagon, or the code of the grid.")
    place = serializers.CharField(allow_blank=True, help_text="What lies there, in the reader's language.")
    lon = serializers.FloatField(help_text="Of a point inside.")
    lat = serializers.FloatField()
    bbox = serializers.ListField(child=serializers.FloatField(), help_text="West, south, east, north.")
    count = serializers.IntegerField(help_text="Problems found.")
    by_source = serializers.DictField(child=serializers.IntegerField())
    bin = serializers.IntegerField(help_text="The class: -3 cold to 3 hot at 99 %; 0 is chance or not compared.")
    emerging = serializers.ChoiceField(EMERGING)


class HotspotCellShape(HotspotPlaceShape):
    """A place with what was found, how sure that is, and what it means."""

    rank = serializers.IntegerField()
    category = serializers.CharField(allow_blank=True, help_text="The category of which most was found.")
    category_name = serializers.CharField(allow_blank=True)
    category_count = serializers.IntegerField()
    expected = serializers.FloatField(allow_null=True, help_text="What would be usual; null where not compared.")
    ratio = serializers.FloatField(allow_null=True, help_text="Found to usual, empirical-Bayes smoothed.")
    rate = serializers.FloatField(allow_null=True, help_text="Raw, of the summary's `rate_unit`.")
    households = serializers.IntegerField(allow_null=True)
    walked_km = serializers.FloatField(allow_null=True, help_text="Of street, each day's counted.")
    effort = serializers.ChoiceField(
        ("known", "unknown", "none"), help_text="`unknown` where nobody went; `none` where walking plays no part."
    )
    tested = serializers.BooleanField()
    z = serializers.FloatField(allow_null=True)
    p = serializers.FloatField(allow_null=True, help_text="Two-sided.")
    q = serializers.FloatField(allow_null=True, help_text="After Benjamini and Hochberg.")
    weekly = serializers.ListField(child=serializers.IntegerField(), help_text="Found by week, the last one last.")
    advice = serializers.ChoiceField(ADVICE, help_text="What to do, as a word.")
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Sentences: what to do, what was found, how sure, the figures."
    )


class HotspotRecurrenceShape(Shape):
    """A place where problems of a category came back."""

    id = serializers.IntegerField()
    rank = serializers.IntegerField()
    place = serializers.CharField(allow_blank=True)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    category = serializers.CharField()
    category_name = serializers.CharField()
    count = serializers.IntegerField()
    days = serializers.ListField(child=serializers.DateField())
    reports = serializers.ListField(child=serializers.UUIDField())


class CompareQuery(Renamed, Input):
    """With which other run."""

    other = serializers.UUIDField(help_text="The other run over places of the same kind.")


class HotspotChangeShape(HotspotPlaceShape):
    """A place that is or was hot; counts and classes of the later run, and before of the earlier one."""

    change = serializers.ChoiceField(CHANGES)
    bin_before = serializers.IntegerField(allow_null=True, help_text="Null where the earlier run did not compare it.")
    count_before = serializers.IntegerField(allow_null=True)


class HotspotComparisonShape(Shape):
    """Two runs, the earlier one as `before`, and the places, at most 1,000."""

    before = HotspotRunShape()
    after = HotspotRunShape()
    sentence = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    results = HotspotChangeShape(many=True)
