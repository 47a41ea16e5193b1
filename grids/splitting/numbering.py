"""The order of grids: rows from north to south, in each row from west to east."""

import numpy as np
import shapely

from grids.splitting.problem import Ints, Shapes


def order(shapes: Shapes) -> Ints:
    """Return the indexes of polygons in the order of their numbers; a row is as high as a grid is on average."""
    spots = shapely.get_coordinates(shapely.centroid(shapes))
    height = float(np.sqrt(np.mean(shapely.area(shapes)))) or 1.0
    row = np.floor((spots[:, 1].max() - spots[:, 1]) / height + 1e-9).astype(np.int64)
    return np.lexsort((spots[:, 0], row))
