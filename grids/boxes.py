"""A box in an address: west,south,east,north in degrees, EPSG:4326."""

from django.contrib.gis.geos import Polygon
from django.utils.translation import gettext as _

from grids.problems import Problem


def read_box(text: str) -> Polygon | None:
    """Read west,south,east,north in degrees, or None for no text; raises Problem (400)."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Problem(_("bbox must be west,south,east,north in degrees.")) from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise Problem(_("bbox must be west,south,east,north in degrees."))
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4326
    return box
