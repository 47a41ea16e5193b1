"""GPX files of a patrol: each is stored once, by the digest of its bytes."""

from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from grids.problems import BadInput, Conflict, NotAllowed
from patrols.intake.storing import Sender, Stored, store
from patrols.models import Consent, Patrol, TrackFile
from patrols.private_places import kept_degrees
from patrols.protocols import gpx
from patrols.protocols.readings import ProtocolError

SIMPLER = 1.0  # metres by which the shape of untimed points may be simplified
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file: whether it was new, its positions, and how many points have no time."""

    new: bool
    stored: Stored
    untimed: int


@transaction.atomic
def add_gpx(patrol: Patrol, content: bytes, digest: str) -> Added:
    """Store the timed points of a file with a patrol, and the shape of the others to be shown.

    Raises BadInput with one sentence for what is no track, Conflict for a patrol whose way was deleted, NotAllowed
    without a consent.
    """
    if patrol.forgotten_at:
        raise Conflict(_("You deleted the way of this patrol: nothing is added to it any more."))
    # Held until the end: whoever withdraws it meanwhile waits, and then finds what was stored here.
    consent = Consent.objects.select_for_update(no_key=True).filter(person=patrol.person_id, withdrawn_at__isnull=True)
    if not consent.first():
        raise NotAllowed(_("A patrol is recorded only with your consent: give it first."))
    try:
        route = gpx.route(content)
    except ProtocolError as error:
        raise BadInput(_sentence(str(error))) from error
    if not route.timed and not route.untimed:
        raise BadInput(_("This file has no track."))
    known = TrackFile.objects.filter(patrol=patrol).exclude(sha256=digest)
    if known.count() >= MOST_FILES:
        raise Conflict(_("A patrol takes %(most)d files at most.") % {"most": MOST_FILES})
    _row, new = TrackFile.objects.get_or_create(
        patrol=patrol,
        sha256=digest,
        defaults={
            "points": len(route.timed),
            "untimed": len(route.untimed),
            "shape": kept_degrees(patrol.person_id, [np.array(shape) for shape in route.shapes], SIMPLER),
        },
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
