"""The JSON form of a photo, and where its files are served."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from grids.scope import Scope
from patrols.models import Photo, Report
from patrols.photos.keeping import may_release, may_remove


def photos_of(reports: Iterable[Report]) -> dict[UUID, list[Photo]]:
    """Return the photos shown of each report, in one query however many there are."""
    found: dict[UUID, list[Photo]] = {report.pk: [] for report in reports}
    if found:
        for photo in Photo.objects.shown().filter(report__in=list(found)).select_related("uploader"):
            found[photo.report_id].append(photo)
    return found


def shown_of(report: Report) -> list[Photo]:
    """Return the photos of one report; without a query where it was filed just now."""
    known: list[Photo] | None = report.__dict__.get("photos_shown")
    return photos_of([report])[report.pk] if known is None else known


def photo_json(photo: Photo) -> dict[str, Any]:
    """Return a photo as a list shows it."""
    return {
        "id": str(photo.pk),
        "kind": photo.kind,
        "kind_label": photo.get_kind_display(),
        "width": photo.width,
        "height": photo.height,
        "small": _address(photo, "small"),
        "large": _address(photo, "large"),
        "full": _address(photo, "full"),
        "uploader": {"id": photo.uploader.pk, "name": str(photo.uploader)} if photo.uploader else None,
        "taken_at": photo.taken_at.isoformat() if photo.taken_at else None,
        "recorded_at": photo.recorded_at.isoformat(),
        "public_at": photo.public_at.isoformat() if photo.public_at else None,
        "public": _address(photo, "public") if photo.public_at else None,
        "blurred": photo.blurred,
    }


def photo_detail_json(photo: Photo, report: Report, scope: Scope, now: datetime | None = None) -> dict[str, Any]:
    """Return a photo with what this person may do with it."""
    return {
        **photo_json(photo),
        "may_remove": may_remove(photo, report, scope, now or timezone.now()),
        "may_release": may_release(report, scope),
        "boxes": photo.boxes,
    }


def _address(photo: Photo, size: str) -> str:
    return reverse("photo-file", args=[photo.pk, size])
