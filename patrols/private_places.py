"""Places that a volunteer wants out of their kept tracks, such as home: sealed, and shown to nobody but them.

They cut the track that is kept for drawing and nothing else: coverage is computed first, from the uncut way. A place
that is marked cuts the ways that are kept already; what was cut out does not come back when it is removed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiLineString
from django.db import transaction
from django.utils.translation import gettext as _

from grids import geometry_guard
from grids.models import Person
from grids.problems import BadInput, Conflict, NotFound
from grids.sealed import Unreadable, seal, unseal
from grids.splitting.crs import Plane, plane_of
from patrols.models import PrivatePlace, Track, TrackFile
from patrols.tracks.fixes import Floats

RADIUS, LEAST, MOST_METRES = 150, 50, 500
MOST = 5
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Opened:
    """A private place as its owner sees it: degrees in WGS-84 and metres; `lon` is None if it cannot be read."""

    id: int
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    radius: int = 0


@transaction.atomic
def mark(person: Person, lon: object, lat: object, radius: object = RADIUS, name: str = "") -> PrivatePlace:
    """Keep a place and cut the ways that are kept; raises BadInput for what is none, Conflict beyond the fifth."""
    point = geometry_guard.parse_point(lon, lat)
    if isinstance(radius, bool) or not isinstance(radius, int) or not LEAST <= radius <= MOST_METRES:
        raise BadInput(
            _("The radius is between %(least)d and %(most)d metres.") % {"least": LEAST, "most": MOST_METRES}
        )
    if len(name) > LONGEST_NAME:
        raise BadInput(_("The name has at most %(most)d characters.") % {"most": LONGEST_NAME})
    if PrivatePlace.objects.filter(person=person).count() >= MOST:
        raise Conflict(_("You have marked %(most)d private places already: remove one first.") % {"most": MOST})
    place = PrivatePlace.objects.create(person=person, sealed=seal([point.x, point.y, radius, name.strip()]))
    trim_kept(person.pk)
    return place


def forget(person: Person, identity: int) -> None:
    """Remove a place; raises NotFound."""
    if not PrivatePlace.objects.filter(person=person, pk=identity).delete()[0]:
        raise NotFound(_("There is no such place here."))


def opened(person: Person) -> Iterator[Opened]:
    """Yield a person's places for themselves, oldest first."""
    for place in PrivatePlace.objects.filter(person=person).order_by("pk"):
        try:
            lon, lat, radius, *name = unseal(place.sealed)
        except Unreadable:
            yield Opened(place.pk)
        else:
            yield Opened(place.pk, "".join(name), lon, lat, radius)


def cut(person: int, plane: Plane, lines: Sequence[Floats]) -> list[Floats]:
    """Return lines in metres without what lies near the private places of a person, by id."""
    discs = []
    for sealed in PrivatePlace.objects.filter(person=person).values_list("sealed", flat=True):
        try:
            lon, lat, radius, *_name = unseal(sealed)
        except Unreadable:
            # Where it is cannot be known any more, so nothing of the way can be shown safely.
            return []
        discs.append(shapely.buffer(shapely.Point(plane.forward(np.array([[lon, lat]]))[0]), radius))
    shapes = [shapely.linestrings(line) for line in lines if len(line) > 1]
    if discs:
        shapes = list(shapely.difference(np.array(shapes, object), shapely.union_all(discs)))
    parts = shapely.get_parts(np.array(shapes, object)) if shapes else []
    return [shapely.get_coordinates(part) for part in parts if shapely.length(part) > 0]


def kept_shape(person: int, plane: Plane, lines: Sequence[Floats], tolerance: float = 0) -> MultiLineString | None:
    """Return what is kept of lines in metres as a shape in degrees, None if nothing is.

    `tolerance` is how many metres simplifying may move it (Douglas-Peucker).
    """
    kept = [plane.inverse(_simpler(line, tolerance)) for line in cut(person, plane, lines)]
    if not kept:
        return None
    shape = GEOSGeometry(memoryview(shapely.to_wkb(shapely.multilinestrings(list(map(shapely.linestrings, kept))))))
    assert isinstance(shape, MultiLineString)
    shape.srid = 4326
    return shape


def kept_degrees(person: int, lines: Iterable[Floats], tolerance: float = 0) -> MultiLineString | None:
    """Return what is kept of lines in degrees, measured in the plane of their first point."""
    given = [line for line in lines if len(line) > 1]
    if not given:
        return None
    plane = plane_of(float(given[0][0, 0]), float(given[0][0, 1]))
    return kept_shape(person, plane, [plane.forward(line) for line in given], tolerance)


def _simpler(line: Floats, tolerance: float) -> Floats:
    return shapely.get_coordinates(shapely.simplify(shapely.linestrings(line), tolerance)) if tolerance else line


def trim_kept(person: int) -> None:
    """Cut the ways of a person that are kept already, within the caller's transaction."""
    for track in Track.objects.select_for_update().filter(patrol__person=person, geom__isnull=False):
        track.geom = kept_degrees(person, _lines(track.geom))
        track.save(update_fields=["geom"])
    for file in TrackFile.objects.select_for_update().filter(patrol__person=person, shape__isnull=False):
        file.shape = kept_degrees(person, _lines(file.shape))
        file.save(update_fields=["shape"])


def _lines(shape: GEOSGeometry | None) -> list[Floats]:
    if shape is None:
        return []
    return [shapely.get_coordinates(part) for part in shapely.get_parts(shapely.from_wkb(bytes(shape.wkb)))]
