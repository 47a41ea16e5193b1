"""The order of grids: rows from north to south, in each row from west to east."""

import numpy as np
import shapely

from grids.splitting.problem import Ints, Shapes


def order(shapes: Shapes) -> Ints:
    """Return the indexes of polygons in the order of their numbers.

    A row begins with the northernmost grid left and takes what lies less than half a grid's height further south.
    """
    spots = shapely.get_coordinates(shapely.centroid(shapes))
    bounds = shapely.bounds(shapes)
    height = float((bounds[:, 3] - bounds[:, 1]).mean()) / 2
    southward = np.argsort(-spots[:, 1], kind="stable")
    row = np.zeros(len(shapes), np.int64)
    number, top = 0, float(spots[southward[0], 1])
    for index in southward.tolist():
        if top - spots[index, 1] > height:
            number, top = number + 1, float(spots[index, 1])
        row[index] = number
    return np.lexsort((spots[:, 0], row))
