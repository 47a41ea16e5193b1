"""The test of Mann and Kendall for a trend that only ever rises or falls, with ties and unknown values.

Kendall, M. G. (1975): Rank correlation methods, 4th ed.; the variance with ties as in Hipel, K. W., McLeod, A. I.
(1994): Time series modelling of water resources and environmental systems, ch. 23.
"""

from dataclasses import dataclass

import numpy as np

from maps.hotspots.statistics.getis_ord import two_sided
from maps.hotspots.statistics.types import Floats


@dataclass(frozen=True)
class Trends:
    """Of each series: S, its variance, Kendall's tau-b, z with the correction for continuity, and its two-sided p."""

    score: Floats
    variance: Floats
    tau: Floats
    z: Floats
    p: Floats


def mann_kendall(series: Floats) -> Trends:
    """Return the trend of every column; rows are in the order of time, and what is NaN is left out of its column.

    A series without two different values has no trend: tau and z are 0 and p is 1.
    """
    times, width = series.shape
    score, same = np.zeros(width), np.zeros_like(series)
    for lag in range(1, times):
        # A comparison with NaN is false, so that an unknown value takes part in no pair.
        later, earlier = series[lag:], series[:-lag]
        score += (later > earlier).sum(axis=0) - (later < earlier).sum(axis=0).astype(np.float64)
        equal = later == earlier
        same[lag:] += equal
        same[:-lag] += equal
    known = (~np.isnan(series)).sum(axis=0).astype(np.float64)
    # A group of t equal values counts t times here, once for each of them: t (t - 1) (2t + 5) in sum.
    ties = (same * (2 * same + 7)).sum(axis=0)
    variance = np.maximum(0.0, (known * (known - 1) * (2 * known + 5) - ties) / 18)
    pairs = known * (known - 1) / 2
    untied = pairs - same.sum(axis=0) / 2
    flat = (variance <= 0) | (untied <= 0)
    tau = np.where(flat, 0.0, score / np.sqrt(np.where(flat, 1.0, untied * pairs)))
    z = np.where(flat, 0.0, (score - np.sign(score)) / np.sqrt(np.where(flat, 1.0, variance)))
    return Trends(score, variance, tau, z, two_sided(z))
