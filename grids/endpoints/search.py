"""The search for places (grids.search) over HTTP: public places and the checkpoints one may see, never people."""

from typing import Any

from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard
from grids.models.grid import local_grid_name
from grids.models.search import SearchSource
from grids.problems import BadInput
from grids.rest import Query, read_query
from grids.scope import scope_of
from grids.search.finding import Found, find
from grids.search.kinds import KINDS, LABELS
from grids.search.query import LONGEST
from grids.search.query import read_query as read_words
from grids.search.ranking import ranges
from grids.search.surroundings import Surroundings, surroundings

Shape = serializers.Serializer[Any]
MOST, USUAL = 20, 10
# Larger than a grid: to say in which one their middle lies would be misleading.
WIDE = {SearchSource.REGION, SearchSource.ORGANISATION}


class SearchQuery(Query):
    """What is searched for."""

    # What fits best has no second page.
    cursor = None  # type: ignore[assignment]
    q = serializers.CharField(
        max_length=LONGEST,
        help_text="Characters, pinyin, initials or a code; 12-3-402 is building 12, entrance 3.",
    )
    near = serializers.CharField(
        required=False,
        max_length=60,
        help_text="lon,lat in degrees, WGS-84: what is close comes first. One's own grids or regions without it.",
    )
    kinds = serializers.CharField(
        required=False, max_length=200, help_text=f"Only these, by comma: {', '.join(KINDS)}."
    )
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=USUAL, help_text="How many at most.")


class MatchShape(Shape):
    """What of a name matched."""

    text = serializers.CharField(help_text="The name that matched: the place's own, an alias or a code.")
    ranges = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="From which character to which of the text, the last one excluded.",
    )


class SearchGridShape(Shape):
    """The grid a place lies in."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class FoundShape(Shape):
    """A place that was found."""

    # The framework's own attribute of this name is taken off the class before it could be confused.
    source = serializers.ChoiceField(SearchSource.values, help_text="Which table.")  # type: ignore[assignment]
    id = serializers.IntegerField(help_text="Its id there.")
    kind = serializers.ChoiceField(KINDS)
    kind_label = serializers.CharField(help_text="The kind in the reader's language.")
    name = serializers.CharField(help_text="In the reader's language, where there is a name in it.")
    context = serializers.CharField(allow_blank=True, help_text="The community.")  # type: ignore[assignment]
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    box = serializers.ListField(
        child=serializers.FloatField(), min_length=4, max_length=4, help_text="west, south, east, north in degrees."
    )
    grid = SearchGridShape(allow_null=True)
    community = serializers.CharField(allow_blank=True, help_text="The code of the community.")
    distance = serializers.IntegerField(allow_null=True, help_text="Metres from where the search starts.")
    match = MatchShape()


class SearchShape(Shape):
    """The places that fit best, best first."""

    results = FoundShape(many=True)


class PlaceSearch(APIView):
    """Finding places by name."""

    @extend_schema(operation_id="places_search", parameters=[SearchQuery], responses={200: SearchShape})
    def get(self, request: Request) -> Response:
        """Return the places that fit best, best first."""
        asked = read_query(SearchQuery, request.query_params.dict())
        query = read_words(asked["q"])
        if query is None:
            raise BadInput(_("Type a letter, a digit or a character to search for."))
        near, kinds = _near(asked.get("near", "")), _kinds(asked.get("kinds", ""))
        found = find(query, scope_of(request.user), near, kinds, asked["limit"])
        around = surroundings([(row.lon, row.lat) for row in found])
        english = (get_language() or "").startswith("en")
        return Response({"results": [_json(*pair, english=english) for pair in zip(found, around, strict=True)]})


def _near(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    lon, comma, lat = text.partition(",")
    if not comma:
        raise BadInput(_("near must be a longitude and a latitude such as 111.67,40.82."))
    point = geometry_guard.parse_point(lon.strip(), lat.strip())
    return point.x, point.y


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(filter(None, text.split(","))))
    for kind in kinds:
        if kind not in LABELS:
            raise BadInput(
                _("There is no kind “%(kind)s”; there are %(kinds)s.") % {"kind": kind, "kinds": ", ".join(KINDS)}
            )
    return kinds


def _json(row: Found, around: Surroundings, *, english: bool) -> dict[str, Any]:
    grid = None
    if around.grid_id and row.source not in WIDE:
        called = local_grid_name(around.grid_name, around.grid_code)
        grid = {"id": around.grid_id, "code": around.grid_code, "name": called}
    name = row.name_en if english and row.name_en else row.name
    community = around.community_name_en if english and around.community_name_en else around.community_name
    return {
        "source": row.source,
        "id": row.id,
        "kind": row.kind,
        "kind_label": str(LABELS[row.kind]),
        "name": name,
        "context": "" if row.source in WIDE else community,
        "lon": row.lon,
        "lat": row.lat,
        "box": row.box,
        "grid": grid,
        "community": "" if row.source in WIDE else around.community_code,
        "distance": None if row.metres is None else round(row.metres),
        "match": {"text": row.spelt.text, "ranges": ranges(row.spelt, row.match)},
    }


urlpatterns = [path("places/search", PlaceSearch.as_view(), name="api-place-search")]
