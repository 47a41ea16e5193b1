"""What a resident reports without an account (随手拍): filed once with its photo, for a dispatcher to look at.

Nothing of it is public before that, and nothing in it says who reported it: there is no contact, only a number.
"""

from typing import IO
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _

from grids.models.catalogue import Kind
from grids.near import describe
from grids.problems import BadInput, Conflict
from grids.scope import NOBODY
from patrols.contacts import NUMBERS
from patrols.filing import Draft, file_report
from patrols.history import event_of
from patrols.models import Photo, Report
from patrols.models.photos import PhotoKind
from patrols.models.reports import Source
from patrols.photos import keeping, storage

LONGEST_WORDS = 500


def file_problem(
    identity: UUID, category: str, at: Point, *, words: str = "", place: str = "", picture: IO[bytes] | None = None
) -> Report:
    """File a problem at a point in EPSG:4326 and return it; sent again under its id it is the one that was filed.

    Raises BadInput for a category, place, text or picture that cannot be, Conflict for an id that is another's.
    """
    if len(words) > LONGEST_WORDS:
        raise BadInput(_("At most %(most)d characters, please.") % {"most": LONGEST_WORDS}, field="words")
    if NUMBERS.search(f"{words} {place}"):
        raise BadInput(_("Leave phone and identity numbers out: many can read these words."), field="words")
    if known := _known(identity):
        return known
    draft = Draft(
        category=category,
        geom=at,
        anchor=at,
        source=Source.RESIDENT,
        place=(place or describe(at)["place"])[:120],
        description=words,
        id=identity,
        kind=Kind.PROBLEM,
        by_link=True,
    )
    # The picture first: one that cannot be freed of everything but its pixels is refused, and nothing is filed.
    stored = keeping.store(picture) if picture else None
    try:
        with transaction.atomic():
            report = file_report(draft, NOBODY)
            if stored:
                _keep(report, stored)
    except Exception as error:
        if stored:
            storage.remove(stored.names.values())
        if isinstance(error, Conflict) and (filed := _known(identity)):
            return filed
        raise
    return report


def _known(identity: UUID) -> Report | None:
    """Return what a resident filed under an id."""
    rows = Report.objects.filter(pk=identity, kind=Kind.PROBLEM, source=Source.RESIDENT, reporter=None)
    return rows.first()


def _keep(report: Report, stored: keeping.Stored) -> None:
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
        recorded_at=report.recorded_at,
        **stored.names,
    )
    data = {"photo": str(photo.pk), "kind": photo.kind}
    event_of(report, keeping.ADDED, report.state, NOBODY, report.recorded_at, data=data).save(force_insert=True)
