"""From many p-values to few findings: the false discovery rate, and the seven classes of the map.

Benjamini, Y., Hochberg, Y. (1995): Controlling the false discovery rate. Journal of the Royal Statistical Society B
57(1), 289-300.
"""

import numpy as np

from maps.hotspots.statistics.types import Floats, Ints

# The share of false alarms among what has a class, from the weakest to the strongest.
LEVELS = (0.10, 0.05, 0.01)


def adjusted(p: Floats) -> Floats:
    """Return q-values by Benjamini and Hochberg: the least rate of false alarms at which each would be a finding."""
    size = len(p)
    if not size:
        return p.copy()
    order = np.argsort(p, kind="stable")
    steps = p[order] * size / np.arange(1, size + 1)
    q = np.empty(size)
    q[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    return q


def classes(z: Floats, q: Floats) -> Ints:
    """Return -3 to 3: cold or hot at 90, 95 or 99 %, 0 where chance explains it."""
    strength = sum((q <= level).astype(np.int64) for level in LEVELS)
    return np.asarray(np.sign(z).astype(np.int64) * strength, dtype=np.int64)
