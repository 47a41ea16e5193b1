"""What hangs together."""

import numpy as np

from grids.splitting.problem import Ints


def connected(one: Ints, two: Ints, count: int) -> tuple[int, Ints]:
    """Return how many pieces `count` things are in that are linked in pairs, and the number of the piece of each."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(one), np.int8), (one, two)), shape=(count, count))
    pieces, labels = connected_components(links, directed=False)
    return int(pieces), labels
