"""The API of patrols under /api/v1/: one's own, and what they recorded."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.models import Person
from grids.paging import Order
from grids.problems import BadInput, NotFound
from grids.rest import ANY_ID, Input, ListView, once, one_of, read
from grids.scope import Scope, scope_of
from grids.shifts import CRS
from patrols import patrolling, reach
from patrols.intake.files import add_gpx
from patrols.intake.storing import Sender, Stored, store
from patrols.models import Patrol, Track
from patrols.models.patrol import Mode, PatrolState
from patrols.patrolling import Start
from patrols.protocols import gpx
from patrols.protocols.readings import Reading, course, number, positive
from patrols.protocols.readings import read as read_position
from patrols.ways import forget_way, gpx_of, gpx_response

Shape = serializers.Serializer[Any]
MOST_FIXES = 1_000
WRONG_MOMENT: dict[str, Any] = {"invalid": gettext_lazy("This must be a moment such as 2026-11-03T08:30:00+08:00.")}


class PatrolShape(Shape):
    """A patrol of one's own."""

    id = serializers.UUIDField()
    grid = serializers.IntegerField(source="grid_id", allow_null=True)
    state = serializers.ChoiceField(PatrolState.values)
    mode = serializers.ChoiceField(Mode.values)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    nothing_at = serializers.DateTimeField(
        allow_null=True, help_text="When the volunteer said that there was nothing to report."
    )


class TrackShape(Shape):
    """The kept way of a patrol."""

    geometry = serializers.JSONField(allow_null=True, help_text="A MultiLineString of GeoJSON in WGS-84.")
    reasons = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many positions did not count, by reason."
    )
    measured_at = serializers.DateTimeField()


class PatrolInput(Input):
    """How a patrol begins, or when it was if it is over."""

    id = serializers.UUIDField(required=False, help_text="The client's own id, so that starting again does no harm.")
    grid = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)
    mode = serializers.ChoiceField(Mode.choices, default=Mode.WALK)
    started_at = serializers.DateTimeField(required=False, error_messages=WRONG_MOMENT)


class MomentInput(Input):
    """When something was; now without it."""

    at = serializers.DateTimeField(required=False, error_messages=WRONG_MOMENT)


class TickInput(MomentInput):
    """A street or place that was looked at, by the volunteer's own word."""

    thing = serializers.ChoiceField(sorted(reach.THINGS))
    key = serializers.IntegerField(min_value=1, max_value=ANY_ID)
    ticked = serializers.BooleanField(default=True, help_text="False takes a tick of the same day back.")


class TickShape(Shape):
    """What was ticked, and the day it counts for."""

    thing = serializers.ChoiceField(sorted(reach.THINGS))
    key = serializers.IntegerField()
    ticked = serializers.BooleanField()
    day = serializers.DateField()


class NothingInput(MomentInput):
    """That there was nothing to report until a moment."""

    said = serializers.BooleanField(default=True, help_text="False takes it back.")


class FixesInput(Input):
    """Positions as short rows: they are many."""

    fixes = serializers.ListField(
        child=serializers.ListField(min_length=3, max_length=7),
        max_length=MOST_FIXES,
        help_text="Rows of epoch milliseconds, longitude, latitude, and if known accuracy in metres, speed in m/s, "
        "course in degrees and altitude in metres; null for what is not known.",
    )
    crs = serializers.ChoiceField(CRS, default="wgs84")


class StoredShape(Shape):
    """What became of positions."""

    new = serializers.IntegerField(help_text="Stored, within a patrol.")
    waiting = serializers.IntegerField(help_text="Stored for 72 hours: no patrol of theirs is known yet.")
    aside = serializers.IntegerField(help_text="Kept aside: they cannot be positions of a patrol.")
    known = serializers.IntegerField(help_text="Were here already.")


class RouteShape(StoredShape):
    """What became of a file."""

    untimed = serializers.IntegerField(help_text="Points without a time: they show a way and cover nothing.")


class PatrolList(ListView):
    """One's own patrols, newest first, and starting one."""

    shape = PatrolShape
    order = Order((("pk", UUID),), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Patrol]:
        """Return one's own."""
        return Patrol.objects.filter(person=scope.person_id)

    @extend_schema(request=PatrolInput, responses={201: PatrolShape})
    def post(self, request: Request) -> HttpResponse:
        """Start a patrol; the same id again answers with the same patrol."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(PatrolInput, request)
            begin = Start(data.get("id"), data.get("grid"), data["mode"], data.get("started_at"))
            return 201, _shown(PatrolShape, patrolling.start(scope, begin))

        return once(request, work)


class PatrolDetail(APIView):
    """One of one's own patrols."""

    @extend_schema(responses=PatrolShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it."""
        return Response(_shown(PatrolShape, patrolling.find(scope_of(request.user), identity)))


class PatrolTrack(APIView):
    """The way of one of one's own patrols, as it is kept."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, identity: UUID) -> Response:
        """Delete it for ever, with its positions and whatever still arrives of them; what it covered stays."""
        forget_way(scope_of(request.user), identity)
        return Response(status=204)

    @extend_schema(responses=TrackShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it without what lies near private places; 404 before the patrol is measured and after thirty days."""
        patrol = patrolling.find(scope_of(request.user), identity)
        track = one_of(Track.objects.annotate(geojson=AsGeoJSON("geom", precision=6)), patrol=patrol)
        geometry = json.loads(track.geojson) if track.geojson else None
        return Response(
            _shown(TrackShape, {"geometry": geometry, "reasons": track.reasons, "measured_at": track.measured_at})
        )


class PatrolEnd(APIView):
    """Ending a patrol."""

    @extend_schema(request=MomentInput, responses={200: PatrolShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """End it now or at a moment that the phone noted; it is measured soon after."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            return 200, _shown(PatrolShape, patrolling.end(scope, identity, read(MomentInput, request).get("at")))

        return once(request, work)


class PatrolTicks(APIView):
    """What was looked at while the phone was in the pocket."""

    @extend_schema(request=TickInput, responses={200: TickShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Tick a street, checkpoint, stairwell or building by hand, or take it back; shown apart from measures."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(TickInput, request)
            verb = patrolling.tick if data["ticked"] else patrolling.untick
            day = verb(scope, identity, data["thing"], data["key"], data.get("at"))
            return 200, _shown(TickShape, {**data, "day": day})

        return once(request, work)


class PatrolNothing(APIView):
    """Having found nothing."""

    @extend_schema(request=NothingInput, responses={200: PatrolShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Note that there was nothing to report so far, now or at a moment that the phone noted, or take it back."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(NothingInput, request)
            patrol = patrolling.say_nothing(scope, identity, said=data["said"], at=data.get("at"))
            return 200, _shown(PatrolShape, patrol)

        return once(request, work)


class PatrolFixes(APIView):
    """The positions of a patrol."""

    @extend_schema(request=FixesInput, responses={200: StoredShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Store up to 1,000 positions; sent again they are stored once, in whatever order they come."""
        assert isinstance(request.user, Person)
        patrol = patrolling.find_of(request.user, identity)

        def work() -> tuple[int, dict[str, Any]]:
            rows, crs = _fix_rows(request)
            sender = Sender(patrol.person, patrol.district, None, crs)
            return 200, _outcome(store(sender, [_position(row) for row in rows]))

        return once(request, work)


class GpxParser(BaseParser):
    """Takes a GPX file as the body; it is read by `patrols.protocols.gpx`."""

    media_type = "application/gpx+xml"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the bytes, one more than may be at most."""
        return stream.read(gpx.LARGEST + 1)


class PatrolGpx(APIView):
    """The track of a patrol as a file."""

    parser_classes = (GpxParser,)

    @extend_schema(responses={(200, "application/gpx+xml"): {"type": "string", "format": "binary"}})
    def get(self, request: Request, identity: UUID) -> HttpResponse:
        """Return the kept way as GPX 1.1, without times, since none are kept; 404 where no way is."""
        patrol = patrolling.find(scope_of(request.user), identity)
        content = gpx_of(patrol)
        if content is None:
            raise NotFound(_("No way is kept of this patrol."))
        return gpx_response(patrol, content)

    @extend_schema(
        request={"application/gpx+xml": {"type": "string", "format": "binary"}},
        responses={201: RouteShape, 200: RouteShape},
    )
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Store the points of a GPX file of at most 10 MB; the same file again is answered with 200."""
        patrol = patrolling.find(scope_of(request.user), identity)
        content = request.data if isinstance(request.data, bytes) else b""
        digest = sha256(content).hexdigest()

        def work() -> tuple[int, dict[str, Any]]:
            added = add_gpx(patrol, content, digest)
            return 201 if added.new else 200, {**_outcome(added.stored), "untimed": added.untimed}

        return once(request, work, tied_to=digest.encode())


def _shown(shape: type[Shape], row: object) -> dict[str, Any]:
    return dict(shape(row).data)


def _outcome(stored: Stored) -> dict[str, Any]:
    return {"new": stored.new, "waiting": stored.waiting, "aside": stored.aside, "known": stored.known}


def _fix_rows(request: Request) -> tuple[list[list[Any]], Any]:
    """Return the rows and their coordinates: looked at by hand, since a serializer takes longer than storing them."""
    _size_checked = request.body
    body = request.data
    rows, crs = (body.get("fixes"), body.get("crs", "wgs84")) if isinstance(body, dict) else (None, "")
    if not isinstance(rows, list) or not all(isinstance(row, list) and 3 <= len(row) <= 7 for row in rows):
        raise BadInput(_("Give fixes as rows of time, longitude, latitude and more."))
    if len(rows) > MOST_FIXES:
        raise BadInput(_("At most %(most)d positions fit into one request.") % {"most": MOST_FIXES})
    if crs not in CRS:
        raise BadInput(_("The coordinates are one of %(allowed)s.") % {"allowed": ", ".join(CRS)})
    return rows, crs


def _position(row: list[Any]) -> Reading:
    milliseconds, lon, lat, *more = row
    accuracy, speed, heading, altitude = (*more, None, None, None, None)[:4]
    at = number(milliseconds)
    try:
        when: datetime | str = datetime.fromtimestamp(at / 1000, UTC) if at is not None else ""
    except (OverflowError, OSError, ValueError):
        when = ""
    return read_position(
        lon,
        lat,
        when,
        {},
        accuracy=positive(accuracy),
        speed=positive(speed),
        course=course(heading),
        altitude=number(altitude),
    )


urlpatterns = [
    path("patrols", PatrolList.as_view(), name="api-patrols"),
    path("patrols/<uuid:identity>", PatrolDetail.as_view(), name="api-patrol"),
    path("patrols/<uuid:identity>/track", PatrolTrack.as_view(), name="api-patrol-track"),
    path("patrols/<uuid:identity>/end", PatrolEnd.as_view(), name="api-patrol-end"),
    path("patrols/<uuid:identity>/ticks", PatrolTicks.as_view(), name="api-patrol-ticks"),
    path("patrols/<uuid:identity>/nothing", PatrolNothing.as_view(), name="api-patrol-nothing"),
    path("patrols/<uuid:identity>/fixes", PatrolFixes.as_view(), name="api-patrol-fixes"),
    path("patrols/<uuid:identity>/gpx", PatrolGpx.as_view(), name="api-patrol-gpx"),
]
