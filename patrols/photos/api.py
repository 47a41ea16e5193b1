"""The API of photos under /api/v1/."""

from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard
from grids.problems import Problem
from grids.rest import once, read
from grids.scope import Scope, scope_of
from patrols.filing import locate
from patrols.photos import keeping, picture, storage
from patrols.photos.shapes import (
    InspectionShape,
    PhotoDetailShape,
    PhotoFields,
    PhotoForm,
    PhotosShape,
    PictureForm,
    ReleaseInput,
)
from patrols.photos.showing import photo_detail_json, photos_of
from patrols.photos.uploads import Upload, check_length, expect, readable, upload_of


class UploadView(APIView):
    """A view that takes a form with one picture: too many bytes are refused before they are read."""

    parser_classes = (MultiPartParser,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Have the picture streamed, before anything reads the form."""
        if request.method == "POST":
            expect(request)
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the length before who asks: the session's check against forgery reads the whole form."""
        if request.method == "POST":
            check_length(request._request)
        with readable():
            super().initial(request, *args, **kwargs)

    def upload(self, request: Request) -> Upload:
        """Return the picture that was sent."""
        with readable():
            fields, files = request._request.POST.dict(), request._request.FILES
        return upload_of(fields, files)


class ReportPhotos(UploadView):
    """The photos of a report, and adding one."""

    @extend_schema(responses=PhotosShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return them all, in the order in which they came."""
        scope = scope_of(request.user)
        report, now = keeping.find_report(identity, scope), timezone.now()
        rows = [photo_detail_json(photo, report, scope, now) for photo in photos_of([report])[report.pk]]
        return Response({"results": rows, "may_add": keeping.may_add(report, scope), "next": None})

    @extend_schema(request={"multipart/form-data": PhotoForm}, responses={201: PhotoDetailShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Add a photo: JPEG, PNG, WebP or HEIC of at most 25 MB and 40 megapixels, in the field `photo`.

        The id may be that under which the caller follows a report: then it is a photo of that one. It is stored
        without anything but its pixels. An Idempotency-Key is tied to the picture and the other fields.
        """
        scope = scope_of(request.user)
        followed = keeping.find_followed(identity, scope)
        report = followed or keeping.find_report(identity, scope)
        keeping.check_add(report, scope, follows=followed is not None)
        upload = self.upload(request)
        fields = PhotoFields(data=upload.fields)
        fields.is_valid(raise_exception=True)
        kind = fields.validated_data["kind"]
        stored: list[keeping.Stored] = []

        def prepare() -> None:
            stored.append(keeping.store(upload.stream))

        def work() -> tuple[int, dict[str, Any]]:
            photo = keeping.add(report, stored[0], kind, scope)
            return 201, photo_detail_json(photo, report, scope)

        answer = b""
        try:
            response = once(request, work, f"{upload.sha256} {kind}".encode(), prepare)
            answer = response.content
        finally:
            for files in stored:
                # Refused, or answered by another request of the same key at the same moment: these have no row.
                if str(files.id).encode() not in answer:
                    storage.remove(files.names.values())
        return response


class ReportPhoto(APIView):
    """One photo of a report."""

    @extend_schema(responses=PhotoDetailShape)
    def get(self, request: Request, identity: UUID, photo: UUID) -> Response:
        """Return it."""
        scope = scope_of(request.user)
        found = keeping.find_photo(photo, scope, identity)
        return Response(photo_detail_json(found, found.report, scope))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, identity: UUID, photo: UUID) -> Response:
        """Show it no more: who added it may within half an hour, a dispatcher of the region at any time."""
        scope = scope_of(request.user)
        keeping.remove(keeping.find_photo(photo, scope, identity), scope)
        return Response(status=204)


class PhotoPublic(APIView):
    """The copy of a photo that the public may see."""

    @extend_schema(request=ReleaseInput, responses={200: PhotoDetailShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Make the boxes unrecognisable and release the copy; no boxes say that nothing needs it.

        For the dispatchers and planners of the region.
        """
        scope = scope_of(request.user)
        photo = keeping.find_photo(identity, scope)
        boxes = read(ReleaseInput, request)["boxes"]
        # Copies that do not come to be released have no row and are swept.
        copies: list[dict[str, str]] = []

        def prepare() -> None:
            copies.append(keeping.copy(photo, boxes, scope))

        def work() -> tuple[int, dict[str, Any]]:
            released = keeping.release(photo, boxes, copies[0], scope)
            return 200, photo_detail_json(released, photo.report, scope)

        return once(request, work, prepare=prepare)

    @extend_schema(responses={200: PhotoDetailShape})
    def delete(self, request: Request, identity: UUID) -> Response:
        """Take it back from the public."""
        scope = scope_of(request.user)
        photo = keeping.take_back(keeping.find_photo(identity, scope), scope)
        return Response(photo_detail_json(photo, photo.report, scope))


class PhotoInspection(UploadView):
    """What a picture says of itself, before anything is filed."""

    @extend_schema(request={"multipart/form-data": PictureForm}, responses={200: InspectionShape})
    def post(self, request: Request) -> Response:
        """Return where and when a picture says it was taken; nothing is stored.

        The place is given in EPSG:4326 as the camera wrote it, and only if the caller may report there: `within_reach`
        says so. The first 512 KB of a JPEG are enough.
        """
        said = picture.inspect(self.upload(request).stream)
        taken = keeping.moment_of(said.taken)
        place = _reachable(said.lon, said.lat, scope_of(request.user))
        return Response(
            {
                "width": said.width,
                "height": said.height,
                "taken_at": taken.isoformat() if taken else None,
                "lon": place.x if place else None,
                "lat": place.y if place else None,
                "has_place": said.lon is not None,
                "within_reach": place is not None,
            }
        )


def _reachable(lon: float | None, lat: float | None, scope: Scope) -> Point | None:
    """Return a place if it lies in somebody's grids or regions."""
    if lon is None or lat is None:
        return None
    try:
        point = geometry_guard.to_geos(geometry_guard.parse_point(lon, lat))
        assert isinstance(point, Point)
        region, grid = locate(point)
    except Problem:
        return None
    inside = any(region.startswith(code) for code in scope.wide) or (grid is not None and grid.pk in scope.grids)
    return point if inside else None


urlpatterns = [
    path("reports/<uuid:identity>/photos", ReportPhotos.as_view(), name="api-report-photos"),
    path("reports/<uuid:identity>/photos/<uuid:photo>", ReportPhoto.as_view(), name="api-report-photo"),
    path("photos/inspect", PhotoInspection.as_view(), name="api-photo-inspect"),
    path("photos/<uuid:identity>/public", PhotoPublic.as_view(), name="api-photo-public"),
]
