"""Pictures that come along with what is filed without an account: by a resident, or by a program that passes it on.

They are freed of everything but their pixels before anything is filed, so that one that cannot be is refused and
nothing is left of it. They belong to nobody, and are public only once somebody released them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

from django.utils.translation import gettext as _

from grids.problems import Conflict
from grids.scope import NOBODY
from patrols.history import event_of
from patrols.models import Photo, Report
from patrols.models.photos import PhotoKind
from patrols.photos import keeping, storage
from patrols.photos.limits import MOST_PHOTOS


class Brought:
    """Stored pictures that wait for their report."""

    def __init__(self) -> None:
        self.stored: list[keeping.Stored] = []
        self.kept: set[str] = set()

    def keep(self, report: Report, now: datetime) -> None:
        """Write rows and events of those that a report does not have yet, in the transaction that files or locks it.

        Raises Conflict where it has enough photos.
        """
        known = set(Photo.objects.shown().filter(report=report).values_list("sha256", flat=True))
        for one in self.stored:
            if one.sha256 in known:
                continue
            known.add(one.sha256)
            if len(known) > MOST_PHOTOS:
                raise Conflict(_("A report takes at most %(most)d photos.") % {"most": MOST_PHOTOS}, field="photo")
            _keep(report, one, now)
            self.kept.update(one.names.values())


@contextmanager
def brought(pictures: Iterable[IO[bytes]]) -> Iterator[Brought]:
    """Store pictures until what they came with is filed; the files of those that nothing was filed with are deleted.

    Raises BadInput for what is no picture or cannot be freed.
    """
    here = Brought()
    filed = False
    try:
        for picture in pictures:
            here.stored.append(keeping.store(picture))
        yield here
        filed = True
    finally:
        names = {name for one in here.stored for name in one.names.values()}
        storage.remove(names - here.kept if filed else names)


def _keep(report: Report, stored: keeping.Stored, now: datetime) -> None:
    photo = Photo.objects.create(
        id=stored.id,
        district=report.district,
        report=report,
        kind=PhotoKind.BEFORE,
        sha256=stored.sha256,
        bytes=stored.bytes,
        width=stored.width,
        height=stored.height,
        taken_at=stored.taken_at,
        recorded_at=now,
        **stored.names,
    )
    data = {"photo": str(photo.pk), "kind": photo.kind}
    event_of(report, keeping.ADDED, report.state, NOBODY, now, data=data).save(force_insert=True)
