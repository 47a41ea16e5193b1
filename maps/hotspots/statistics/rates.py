"""Rates of small places, drawn towards the mean of all as far as chance alone would move them.

Marshall, R. J. (1991): Mapping disease and mortality rates using empirical Bayes estimators. Applied Statistics 40(2),
283-294, the global estimator by the method of moments.
"""

import numpy as np

from maps.hotspots.statistics.types import Floats


def smoothed(counts: Floats, base: Floats) -> Floats:
    """Return the empirical-Bayes rates of counts over a base, which is above 0 everywhere.

    Where the rates differ no more than counts of one common rate do, all are that rate.
    """
    total = base.sum()
    mean = counts.sum() / total
    rates = counts / base
    between = (base * (rates - mean) ** 2).sum() / total - mean / base.mean()
    if mean <= 0 or between <= 0:
        return np.full(len(counts), mean)
    return np.asarray(mean + between / (between + mean / base) * (rates - mean), dtype=np.float64)
