"""Where a request is: by coordinates, by the id of a building, or by words that the search for places understands."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from grids import geometry_guard
from grids.models import Building
from grids.problems import BadInput
from grids.rest import ANY_ID
from grids.scope import NOBODY
from grids.search.finding import Found, find
from grids.search.query import LONGEST, read_query

WAYS = ("lat", "long", "address_string", "address_id")
LONGEST_PLACE = 120
WHOLE = 0.94  # the quality of a name that is what was written, letter by letter or sound by sound
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """A point in EPSG:4326, and its place in words."""

    point: Point
    words: str


def place_of(given: Mapping[str, str], area: str) -> Placed:
    """Return the place that a form gives, the most exact way first; raises BadInput.

    `area` is the code of the region in which words are looked for.
    """
    lat, lon, address, address_id = (given.get(name, "") for name in WAYS)
    if lat or lon:
        if not (lat and lon):
            raise BadInput(_("lat and long go together."))
        point = geometry_guard.to_geos(geometry_guard.parse_point(lon, lat))
        assert isinstance(point, Point)
        return Placed(point, address[:LONGEST_PLACE])
    if address_id:
        return _of_building(address_id)
    if address:
        return _of_words(address, area)
    raise BadInput(_("Give the place: lat and long, address_id or address_string."))


def _of_building(text: str) -> Placed:
    building = None
    if text.isascii() and text.isdecimal() and len(text) <= 18 and 0 < int(text) <= ANY_ID:
        building = Building.objects.filter(pk=int(text)).first()
    if building is None:
        raise BadInput(_("There is no building with this address_id."))
    point = building.geom.point_on_surface
    assert isinstance(point, Point)
    return Placed(point, f"{building.estate}{building.local_name}"[:LONGEST_PLACE])


def _of_words(address: str, area: str) -> Placed:
    if len(address) > LONGEST:
        raise BadInput(_("address_string is longer than %(most)d characters.") % {"most": LONGEST})
    query = read_query(address)
    found = [row for row in find(query, NOBODY, limit=20) if row.region_code.startswith(area)] if query else []
    whole = [row for row in found if row.match.quality >= WHOLE]
    likely = whole or found
    if not likely:
        raise BadInput(_("“%(address)s” is no place that is known here: give lat and long.") % {"address": address})
    if len(likely) > 1:
        names = _(", ").join(_named(row) for row in likely[:SHOWN])
        raise BadInput(
            _("“%(address)s” may be several places: %(names)s. Give lat and long.")
            % {"address": address, "names": names}
        )
    [row] = likely
    return Placed(Point(row.lon, row.lat, srid=4326), address[:LONGEST_PLACE])


def _named(row: Found) -> str:
    return f"{row.name} ({row.lat:.5f} {row.lon:.5f})"
