"""The API of posts under /api/v1/: where they are, their weekly shifts, and how they were attended."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard, shifts
from grids.endpoints.fields import DatedPlaceQuery, DatedShape, EndInput, RegionField, chosen
from grids.endpoints.places import NamedShape
from grids.problems import BadInput
from grids.rest import Input, ListView, OneView, once, one_of, read, read_query
from grids.scope import Scope, scope_of
from grids.shifts import CRS
from patrols.models import Pattern, Post
from patrols.models.posts import LEAST_RADIUS, MOST_RADIUS, MOST_WANTED, RADIUS
from patrols.posts import planning
from patrols.posts.attendance import daily
from patrols.posts.reach import visible_posts

Shape = serializers.Serializer[Any]
LONGEST = timedelta(days=400)
SKILLS = serializers.ListField(child=serializers.SlugField(max_length=40), max_length=5, required=False)


class PostQuery(DatedPlaceQuery):
    """The filters of posts."""

    region = RegionField()


class PostShape(NamedShape, DatedShape):
    """A fixed place where volunteers stand in shifts."""

    region = serializers.CharField(source="region.code", help_text="The community's code.")
    lon = serializers.FloatField(source="geom.x", help_text="Degrees, WGS-84.")
    lat = serializers.FloatField(source="geom.y", help_text="Degrees, WGS-84.")
    radius = serializers.IntegerField(help_text="Metres within which somebody is there.")
    instruction = serializers.CharField(allow_blank=True)
    skills = serializers.ListField(child=serializers.CharField(), help_text="Codes of skills that are needed.")


class PlaceInput(Input):
    """A point on the ground."""

    lon = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    crs = serializers.ChoiceField(CRS, default="wgs84")


class PostInput(PlaceInput):
    """A post to be entered."""

    name = serializers.CharField(max_length=120)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)
    instruction = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    radius = serializers.IntegerField(min_value=LEAST_RADIUS, max_value=MOST_RADIUS, default=RADIUS)
    skills = SKILLS


class PostChange(Input):
    """What is to change; a place takes both lon and lat."""

    name = serializers.CharField(max_length=120, required=False)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)
    instruction = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    radius = serializers.IntegerField(min_value=LEAST_RADIUS, max_value=MOST_RADIUS, required=False)
    skills = SKILLS
    lon = serializers.FloatField(min_value=-180, max_value=180, required=False)
    lat = serializers.FloatField(min_value=-90, max_value=90, required=False)
    crs = serializers.ChoiceField(CRS, default="wgs84")


class PatternShape(DatedShape):
    """A shift of every week."""

    id = serializers.IntegerField()
    weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="Monday is 1.")
    starts = serializers.TimeField()
    ends = serializers.TimeField()
    wanted = serializers.IntegerField()
    worked_days = serializers.BooleanField(help_text="Whether days off of the working calendar are left out.")


class PatternInput(Input):
    """A shift of every week to be planned."""

    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), min_length=1, max_length=7
    )
    starts = serializers.TimeField(help_text="In the site's time zone.")
    ends = serializers.TimeField()
    wanted = serializers.IntegerField(min_value=1, max_value=MOST_WANTED, default=1)
    worked_days = serializers.BooleanField(default=True)
    since = serializers.DateField(required=False)
    last_day = serializers.DateField(required=False)


class AttendanceQuery(Input):
    """Of which days."""

    since = serializers.DateField(required=False, help_text="Thirty days back without it.")
    until = serializers.DateField(required=False, help_text="Today without it.")


class AttendanceDayShape(Shape):
    """How a post was attended on a day, by everybody together."""

    day = serializers.DateField()
    shifts = serializers.IntegerField()
    wanted = serializers.IntegerField(source="wanted_people", help_text="People wanted in all shifts.")
    taken = serializers.IntegerField(source="places_taken", help_text="Places that were taken.")
    measured = serializers.IntegerField(source="there_measured", help_text="There by position.")
    told = serializers.IntegerField(source="there_told", help_text="There by their own word only.")
    unknown = serializers.IntegerField(help_text="Shifts that are over of which nothing is known: not absence.")


class AttendanceShape(Shape):
    """How a post was attended, day by day."""

    post = serializers.IntegerField()
    days = AttendanceDayShape(many=True)


class PostList(ListView):
    """Posts within the caller's reach."""

    query = PostQuery
    shape = PostShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Post]:
        """Return those of a day."""
        rows = visible_posts(scope).filter(period__contains=asked.get("on") or timezone.localdate())
        if asked.get("bbox"):
            rows = rows.filter(geom__intersects=asked["bbox"])
        return chosen(rows, asked, region="region__code__startswith")

    @extend_schema(request=PostInput, responses={201: PostShape})
    def post(self, request: Request) -> HttpResponse:
        """Enter a post; its community follows from the place."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(PostInput, request)
            place = point_of(data.pop("lon"), data.pop("lat"), data.pop("crs"))
            data["skills"] = tuple(data.pop("skills", ()))
            return 201, dict(PostShape(planning.enter(scope, planning.Entry(place=place, **data))).data)

        return once(request, work)


class PostDetail(OneView):
    """One post."""

    shape = PostShape

    def rows(self, scope: Scope) -> QuerySet[Post]:
        """Return what is seen, also what is over."""
        return visible_posts(scope)

    @extend_schema(request=PostChange, responses=PostShape)
    def patch(self, request: Request, identity: int) -> Response:
        """Change it; moved to another community it would be another post."""
        data = read(PostChange, request)
        crs, lon, lat = data.pop("crs"), data.pop("lon", None), data.pop("lat", None)
        if (lon is None) != (lat is None):
            raise BadInput(_("Give both lon and lat, or neither."))
        if lon is not None:
            data["place"] = point_of(lon, lat, crs)
        if "skills" in data:
            data["skills"] = tuple(data["skills"])
        post = planning.change(scope_of(request.user), identity, planning.Change(**data))
        return Response(PostShape(post).data)


class PostClose(APIView):
    """The end of a post."""

    @extend_schema(request=EndInput, responses={200: PostShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Let it hold until a day and no longer; later shifts are cancelled, and who had a place is told."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            return 200, dict(PostShape(planning.close(scope, identity, read(EndInput, request)["last_day"])).data)

        return once(request, work)


class PatternList(APIView):
    """The weekly shifts of a post: at most twenty."""

    @extend_schema(responses=PatternShape(many=True))
    def get(self, request: Request, identity: int) -> Response:
        """Return those that hold or will, in the order of the day."""
        post = one_of(visible_posts(scope_of(request.user)), pk=identity)
        rows = Pattern.objects.not_over().filter(post=post).order_by("starts", "pk")
        return Response(PatternShape(rows, many=True).data)

    @extend_schema(request=PatternInput, responses={201: PatternShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Plan one; its shifts of the next four weeks are there at once, later ones follow by themselves."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(PatternInput, request)
            week = planning.Week(**{**data, "weekdays": tuple(data["weekdays"])})
            return 201, dict(PatternShape(planning.add_pattern(scope, identity, week)).data)

        return once(request, work)


class PatternEnd(APIView):
    """The end of a weekly shift."""

    @extend_schema(request=EndInput, responses={200: PatternShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Let it be for the last time on a day; later shifts are cancelled, and who had a place is told."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            last_day = read(EndInput, request)["last_day"]
            return 200, dict(PatternShape(planning.end_pattern(scope, identity, last_day)).data)

        return once(request, work)


class PostAttendance(APIView):
    """How a post was attended."""

    @extend_schema(parameters=[AttendanceQuery], responses=AttendanceShape)
    def get(self, request: Request, identity: int) -> Response:
        """Return the figures of up to 400 days; nobody's name is in them."""
        asked = read_query(AttendanceQuery, request.query_params.dict())
        post = one_of(visible_posts(scope_of(request.user)), pk=identity)
        since, until = _days(asked)
        return Response(AttendanceShape({"post": post.pk, "days": daily(post, since, until)}).data)


def _days(asked: dict[str, Any]) -> tuple[date, date]:
    until: date = asked.get("until") or timezone.localdate()
    since: date = asked.get("since") or max(until - timedelta(days=30), date.min + timedelta(days=30))
    if not timedelta() <= until - since <= LONGEST:
        raise BadInput(_("Ask for at most 400 days, the first before the last."))
    return since, until


def point_of(lon: float, lat: float, crs: shifts.Crs = "wgs84") -> Any:
    """Return a checked point in EPSG:4326 of coordinates as they were given."""
    return geometry_guard.check_sound(shifts.geometry_to_wgs84(geometry_guard.parse_point(lon, lat), crs))


urlpatterns = [
    path("posts", PostList.as_view(), name="api-posts"),
    path("posts/<int:identity>", PostDetail.as_view(), name="api-post"),
    path("posts/<int:identity>/close", PostClose.as_view(), name="api-post-close"),
    path("posts/<int:identity>/patterns", PatternList.as_view(), name="api-post-patterns"),
    path("posts/<int:identity>/attendance", PostAttendance.as_view(), name="api-post-attendance"),
    path("patterns/<int:identity>/end", PatternEnd.as_view(), name="api-pattern-end"),
]
