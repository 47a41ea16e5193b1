"""The pictures themselves, for those who see their report; released copies for everybody."""

import logging
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grids.problems import NotFound
from grids.scope import NOBODY, scope_of
from patrols.models import Photo
from patrols.photos import storage
from patrols.photos.keeping import find_photo, may_release

SIZES = ("full", "large", "small", "public", "public_small")
PUBLIC = ("public", "public_small")
KEPT_SECONDS = 600
log = logging.getLogger(__name__)


@require_safe
def photo_file(request: HttpRequest, identity: UUID, size: str) -> HttpResponseBase:
    """Answer with a size of a photo; out of scope there is none."""
    if size not in SIZES:
        raise _nothing()
    photo, anybody = _photo(request, identity, size)
    name: str = getattr(photo, size)
    if not name:
        raise _nothing()
    etag = f'"{name.rpartition("/")[2]}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        try:
            stream = storage.read(name)
        except FileNotFoundError:
            log.error("the file %s of the photo %s is missing", name, photo.pk)
            raise _nothing() from None
        response = FileResponse(stream, content_type="image/jpeg", filename=f"{photo.pk}-{size}.jpg")
    response["ETag"] = etag
    # A photo may be removed or taken back: nobody keeps it for long.
    response["Cache-Control"] = f"{'public' if anybody else 'private'}, max-age={KEPT_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _photo(request: HttpRequest, identity: UUID, size: str) -> tuple[Photo, bool]:
    """Return a photo, and whether anybody may have this size of it; raises NotFound."""
    if size in PUBLIC:
        released = Photo.objects.shown().filter(pk=identity, public_at__isnull=False).first()
        if released:
            return released, True
    scope = scope_of(request.user) if request.user.is_authenticated else NOBODY
    if scope is NOBODY:
        raise _nothing()
    photo = find_photo(identity, scope)
    if size in PUBLIC and not may_release(photo.report, scope):
        raise _nothing()
    return photo, False


def _nothing() -> NotFound:
    return NotFound(_("There is no such photo here."))


urlpatterns = [path("photos/<uuid:identity>/<slug:size>.jpg", photo_file, name="photo-file")]
