"""Places that a volunteer wants out of their kept tracks, such as home: sealed, and shown to nobody, not even to them.

They cut the track that is kept for drawing and nothing else: coverage is computed first, from the uncut way.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from django.utils.translation import gettext as _

from grids import geometry_guard
from grids.models import Person
from grids.problems import BadInput, Conflict, NotFound
from grids.sealed import Unreadable, seal, unseal
from grids.splitting.crs import Plane
from patrols.models import PrivatePlace
from patrols.tracks.fixes import Floats

RADIUS, LEAST, MOST_METRES = 150, 50, 500
MOST = 5


def mark(person: Person, lon: object, lat: object, radius: object = RADIUS) -> PrivatePlace:
    """Keep a place; raises BadInput for what is none, Conflict beyond the fifth."""
    point = geometry_guard.parse_point(lon, lat)
    if isinstance(radius, bool) or not isinstance(radius, int) or not LEAST <= radius <= MOST_METRES:
        raise BadInput(
            _("The radius is between %(least)d and %(most)d metres.") % {"least": LEAST, "most": MOST_METRES}
        )
    if PrivatePlace.objects.filter(person=person).count() >= MOST:
        raise Conflict(_("You have marked %(most)d private places already: remove one first.") % {"most": MOST})
    return PrivatePlace.objects.create(person=person, sealed=seal([point.x, point.y, radius]))


def forget(person: Person, identity: int) -> None:
    """Remove a place; raises NotFound."""
    if not PrivatePlace.objects.filter(person=person, pk=identity).delete()[0]:
        raise NotFound(_("There is no such place here."))


def cut(person: int, plane: Plane, lines: Sequence[Floats]) -> list[Floats]:
    """Return lines in metres without what lies near the private places of a person, by id."""
    discs = []
    for sealed in PrivatePlace.objects.filter(person=person).values_list("sealed", flat=True):
        try:
            lon, lat, radius = unseal(sealed)
        except Unreadable:
            # Where it is cannot be known any more, so nothing of the way can be shown safely.
            return []
        discs.append(shapely.buffer(shapely.Point(plane.forward(np.array([[lon, lat]]))[0]), radius))
    shapes = [shapely.linestrings(line) for line in lines if len(line) > 1]
    if discs:
        shapes = list(shapely.difference(np.array(shapes, object), shapely.union_all(discs)))
    parts = shapely.get_parts(np.array(shapes, object)) if shapes else []
    return [shapely.get_coordinates(part) for part in parts if shapely.length(part) > 0]
