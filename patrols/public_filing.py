"""What a resident reports without an account (随手拍): filed once with its photo, for a dispatcher to look at.

Nothing of it is public before that, and nothing in it says who reported it: there is no contact, only a number. Who
says that it is one of those that are known nearby files nothing, and has a number to follow that one by.
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
from patrols.following import follow_unnamed
from patrols.models import Follower, Report
from patrols.models.reports import Source
from patrols.photos.brought import Brought, brought

LONGEST_WORDS = 500


def file_problem(
    identity: UUID,
    category: str,
    at: Point,
    *,
    words: str = "",
    place: str = "",
    picture: IO[bytes] | None = None,
    same: str = "",
) -> Report | Follower:
    """File a problem at a point in EPSG:4326 and return it; sent again under its id it is the one that was filed.

    `same` is the handle of a known one that it is: that one is followed instead, unless it is over by now. Raises
    BadInput for a category, place, text, picture or handle that cannot be, Conflict for an id that is another's.
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
    try:
        with brought([picture] if picture else []) as pictures, transaction.atomic():
            return _follow(draft, same, pictures) if same else _file(draft, pictures)
    except Conflict:
        if filed := _known(identity):
            return filed
        raise


def _file(draft: Draft, pictures: Brought) -> Report:
    report = file_report(draft, NOBODY)
    pictures.keep(report, report.recorded_at)
    return report


def _follow(draft: Draft, same: str, pictures: Brought) -> Report | Follower:
    follower = follow_unnamed(draft, same)
    if follower is None:
        return _file(draft, pictures)
    pictures.keep(follower.report, follower.since)
    return follower


def _known(identity: UUID) -> Report | Follower | None:
    """Return what a resident filed, or said to be the same, under an id."""
    rows = Report.objects.filter(pk=identity, kind=Kind.PROBLEM, source=Source.RESIDENT, reporter=None)
    return rows.first() or Follower.objects.filter(pk=identity, person=None).exclude(public_number="").first()
