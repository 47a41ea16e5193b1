"""Where the pictures lie: Django's default storage, a directory or a bucket, by names that say when they were written.

A name is photos/YYYY/MM/DD/<photo's id>-<what>-<random>.jpg: a sweep of the last days finds what was written and never
got its row, without looking at everything that was ever stored.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import IO
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from patrols.filing import random_code
from patrols.models import Photo

ROOT = "photos"
SWEPT_DAYS = 14
log = logging.getLogger(__name__)


def write(photo: UUID, files: Mapping[str, bytes]) -> dict[str, str]:
    """Store files of a photo and return their names; when one fails, none is left."""
    names: dict[str, str] = {}
    try:
        for what, data in files.items():
            name = f"{ROOT}/{timezone.now():%Y/%m/%d}/{photo}-{what}-{random_code(6)}.jpg"
            names[what] = default_storage.save(name, ContentFile(data))
    except Exception:
        remove(names.values())
        raise
    return names


def read(name: str) -> IO[bytes]:
    """Open a stored file; raises FileNotFoundError."""
    stream: IO[bytes] = default_storage.open(name)
    return stream


def remove(names: Iterable[str]) -> None:
    """Delete files; one that cannot be deleted is logged and left to the sweep."""
    for name in names:
        try:
            default_storage.delete(name)
        except Exception:  # storages raise what their libraries raise
            log.exception("the file %s could not be deleted", name)


def sweep(days: int = SWEPT_DAYS) -> int:
    """Delete files of the last days before yesterday that belong to no row, and return how many.

    The folder says that they are older than a day: to ask for the time of each would cost a bucket a request a file.
    """
    removed = 0
    today = timezone.now().date()
    for ago in range(2, days + 1):
        names = _names(f"{ROOT}/{today - timedelta(days=ago):%Y/%m/%d}")
        orphans = sorted(set(names) - _known(names))
        remove(orphans)
        removed += len(orphans)
    if removed:
        log.warning("%d files of photos without a row were deleted", removed)
    return removed


def _names(folder: str) -> list[str]:
    try:
        return [f"{folder}/{file}" for file in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        return []


def _known(names: list[str]) -> set[str]:
    """Return which names a row has."""
    ids = {_photo_of(name) for name in names} - {None}
    rows = Photo.objects.filter(pk__in=[identity for identity in ids if identity])
    return {name for photo in rows.iterator() for name in photo.names}


def _photo_of(name: str) -> UUID | None:
    try:
        return UUID(name.rpartition("/")[2][:36])
    except ValueError:
        return None


def missing(photos: Iterable[Photo]) -> Iterator[tuple[Photo, str]]:
    """Yield each photo with every name of it that the storage does not have."""
    for photo in photos:
        for name in photo.names:
            if not default_storage.exists(name):
                yield photo, name
