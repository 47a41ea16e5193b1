"""A photo of the report in grid 5, and who is answered what about it."""

from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from patrols.models import Photo
from tests.maps.route_cast import SEE_FIVE, Cast
from tests.maps.route_table import API, PAGE, TO_SIGN_IN, Row, everybody, only, several, signed_in
from tests.town import DISTRICT

ADDS = {"alice", "bob", "dora"}
RELEASES = {"dora", "paula"}
LIST, ONE = "api/v1/reports/<uuid:identity>/photos", "api/v1/reports/<uuid:identity>/photos/<uuid:photo>"
PUBLIC, INSPECT = "api/v1/photos/<uuid:identity>/public", "api/v1/photos/inspect"
FILE, RELEASE = "photos/<uuid:identity>/<slug:size>.jpg", "photos/<uuid:identity>/release/"
OUTSIDE = {"boxes": [[0, 0, 900, 900]]}


def add_photo(cast: Cast) -> None:
    """Store a photo that Alice took; wherever its id appears, it is known who was allowed to see it."""
    names = {
        what: default_storage.save(f"photos/2026/03/01/x-{what}.jpg", ContentFile(f"mark-photo-{what}".encode()))
        for what in ("full", "large", "small")
    }
    photo = Photo.objects.create(
        district=DISTRICT,
        report_id=UUID(cast.addresses["five"]),
        uploader=cast.people["alice"],
        sha256="0" * 64,
        width=400,
        height=300,
        bytes=15,
        recorded_at=timezone.now(),
        **names,
    )
    cast.addresses["photo"] = str(photo.pk)
    cast.sets["photo"] = [str(photo.pk)]
    cast.sets["photo-pixels"] = ["mark-photo-large"]
    for text in (str(photo.pk), *(f"mark-photo-{what}" for what in names)):
        cast.readers[text] = SEE_FIVE


def _rows() -> list[Row]:
    photos, one = "/api/v1/reports/{five}/photos", "/api/v1/reports/{five}/photos/{photo}"
    seen = only(SEE_FIVE, 200, visitor=401)
    # Without a picture nobody adds one; who may not add is told so first.
    adds = several(401, 404, (SEE_FIVE, 403), (ADDS, 422))
    releases = several(401, 404, (SEE_FIVE, 403), (RELEASES, 422))
    return [
        Row(LIST, photos, seen, API, shows=("photo",)),
        Row(LIST, photos, adds, API, "POST"),
        Row(ONE, one, seen, API, shows=("photo",)),
        Row(ONE, "/api/v1/reports/{one}/photos/{photo}", only((), 200, visitor=401), API),
        Row(ONE, one, several(401, 404, (SEE_FIVE, 403), ({"alice", "dora"}, 204)), API, "DELETE"),
        Row(PUBLIC, "/api/v1/photos/{photo}/public", releases, API, "POST", OUTSIDE),
        Row(
            PUBLIC, "/api/v1/photos/{photo}/public", several(401, 404, (SEE_FIVE, 403), (RELEASES, 409)), API, "DELETE"
        ),
        Row(INSPECT, "/api/v1/photos/inspect", signed_in(422, visitor=401), API, "POST"),
        Row(FILE, "/photos/{photo}/large.jpg", only(SEE_FIVE, 200, visitor=404), API, shows=("photo-pixels",)),
        Row(FILE, "/photos/{photo}/public.jpg", everybody(404), API),
        Row(FILE, "/photos/{photo}/uploader.jpg", everybody(404), API),
        Row(RELEASE, "/photos/{photo}/release/", only(RELEASES, 200, visitor=TO_SIGN_IN), PAGE, shows=("photo",)),
    ]


PHOTOS = tuple(_rows())
