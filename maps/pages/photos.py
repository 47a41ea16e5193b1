"""The page on which faces and plates of a photo are made unrecognisable before it becomes public."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.problems import NotFound
from grids.scope import scope_of
from maps.pages.wording import full_moment
from patrols.photos.keeping import find_photo, may_release
from patrols.photos.showing import photo_detail_json


@require_safe
@login_required
@never_cache
def release_page(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show a photo to those who may release it; to others the page does not exist."""
    scope, now = scope_of(request.user), timezone.now()
    try:
        photo = find_photo(identity, scope)
    except NotFound as error:
        raise Http404 from error
    if not may_release(photo.report, scope):
        raise Http404
    context = {
        "photo": photo,
        "report": photo.report,
        "recorded": full_moment(photo.recorded_at, now),
        "data": photo_detail_json(photo, photo.report, scope, now),
    }
    return render(request, "maps/photo_release.html", context)


urlpatterns: list[URLPattern] = [path("photos/<uuid:identity>/release/", release_page, name="photo-release")]
