"""Streets that end a little short of another one, or of the boundary, are led on: drawn carelessly, not built so."""

import numpy as np
import shapely

from grids.splitting.ground import Ground
from grids.splitting.linework import LATTICE, covered
from grids.splitting.problem import Shapes

# How far from the next line an end may lie, in metres, and still be meant to meet it.
REACH = 5.0


def bridges(ground: Ground) -> Shapes:
    """Return straight lines from loose ends to the nearest other line or rim within `REACH`, through no building.

    Where several streets all end short of their crossing, each is led to the two loose ends nearest to it.
    """
    streets = len(ground.lines)
    if not streets:
        return np.empty(0, object)
    rims = shapely.get_parts(shapely.boundary(ground.boundary))
    lines = np.concatenate([ground.lines, rims])
    tips = np.concatenate([shapely.get_point(ground.lines, 0), shapely.get_point(ground.lines, -1)])
    own = np.tile(np.arange(streets), 2)
    tip, line = shapely.STRtree(lines).query(tips, predicate="dwithin", distance=REACH)
    other = line != own[tip]
    tip, line = tip[other], line[other]
    far = shapely.distance(tips[tip], lines[line])
    loose = np.ones(len(tips), bool)
    loose[tip[far <= 2 * LATTICE]] = False
    kept = loose[tip]
    tip, line, far = tip[kept], line[kept], far[kept]
    order = np.lexsort((line, far, tip))
    tip, line, far = tip[order], line[order], far[order]
    place = np.arange(len(tip)) - np.searchsorted(tip, tip)
    ends = np.stack([line, line + streets]) % len(tips)
    at_tip = (loose[ends] & (shapely.distance(tips[ends], tips[tip]) <= far + LATTICE)).any(0) & (line < streets)
    chosen = (place == 0) | ((place == 1) & at_tip)
    found = shapely.shortest_line(tips[tip[chosen]], lines[line[chosen]])
    return found[~covered(found, ground.footprints)]
