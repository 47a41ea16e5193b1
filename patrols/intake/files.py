"""GPX files of a patrol: each is stored once, by the digest of its bytes."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from grids.problems import BadInput
from patrols.intake.storing import Sender, Stored, store
from patrols.models import Patrol, TrackFile
from patrols.protocols import gpx
from patrols.protocols.readings import ProtocolError


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file: whether it was new, its positions, and how many points have no time."""

    new: bool
    stored: Stored
    untimed: int


@transaction.atomic
def add_gpx(patrol: Patrol, content: bytes, digest: str) -> Added:
    """Store the timed points of a file with a patrol; raises BadInput with one sentence for what is no track."""
    try:
        route = gpx.route(content)
    except ProtocolError as error:
        raise BadInput(_sentence(str(error))) from error
    if not route.timed and not route.untimed:
        raise BadInput(_("This file has no track."))
    _row, new = TrackFile.objects.get_or_create(
        patrol=patrol, sha256=digest, defaults={"points": len(route.timed), "untimed": len(route.untimed)}
    )
    stored = store(Sender(patrol.person, patrol.district), route.timed) if new else Stored(known=len(route.timed))
    return Added(new, stored, len(route.untimed))


def _sentence(code: str) -> str:
    sentences = {
        "too_large": _("A track may have at most 10 MB."),
        "too_many": _("A track may have at most %(most)d points.") % {"most": gpx.MOST},
        "harmful": _("This file contains what a track does not need and what could do harm: it was not read."),
    }
    return sentences.get(code) or _("This is not a GPX file.")
