"""Where two streets meet that an address names: 学苑街与青岚路交叉口."""

import re

import shapely
from django.contrib.gis.geos import GEOSGeometry

from grids.models import Region, Street

_STREET = r"(?:路|街|巷|道|胡同|里|条)"
_CROSSING = re.compile(
    rf"(?P<one>.{{1,20}}?{_STREET})(?:与|和|及|同|交|、|—+|–|-|/|×)(?P<other>.{{1,20}}?{_STREET})"
    r"(?:[东西南北]{0,2}(?:交叉路?口|交汇处|路口|交口|口|角|侧)){0,2}(?:\d+米)?处?"
)
# In degrees, some 60 m: lines of streets that meet on the ground do not always touch in the data.
NEAR = 0.0006


def crossing(address: str, region: Region) -> tuple[str, float, float] | None:
    """Return what the crossing is called with its longitude and latitude; None if the streets do not meet there."""
    named = _CROSSING.fullmatch(address.strip())
    if named is None:
        return None
    one, other = (_lines(name, region) for name in (named["one"], named["other"]))
    if one is None or other is None or shapely.distance(one, other) > NEAR:
        return None
    meets = shapely.get_point(shapely.shortest_line(one, other), 0)
    return f"{named['one']} · {named['other']}", shapely.get_x(meets), shapely.get_y(meets)


def _lines(name: str, region: Region) -> shapely.Geometry | None:
    """Return all of a street within a region."""
    rows = Street.objects.filter(name=name, geom__intersects=region.geom).values_list("geom", flat=True)
    parts = [shapely.from_wkb(bytes(line.wkb)) for line in rows if isinstance(line, GEOSGeometry)]
    return shapely.union_all(parts) if parts else None
