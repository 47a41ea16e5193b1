"""How hotspots came and went over weeks: the classes of an emerging hot spot analysis, as in docs/hotspots.md.

Every place is compared, week by week, with all places in all weeks: its neighbourhood is its neighbours and itself in
that week and in the week before (Gi* in space and time).
"""

import numpy as np

from maps.hotspots.statistics.discovery import LEVELS, adjusted
from maps.hotspots.statistics.getis_ord import standardised, two_sided
from maps.hotspots.statistics.names import Emerging
from maps.hotspots.statistics.trend import mann_kendall
from maps.hotspots.statistics.types import Flags, Floats, Sparse

# With fewer weeks, "nine tenths of them" and a trend say nothing.
FEWEST_WEEKS = 10
MOSTLY = 0.9
TREND = 0.05


def weekly_scores(values: Floats, near: Sparse) -> Floats:
    """Return the z-score of each week (row) and place (column); NaN where the value is.

    What is unknown is in nobody's neighbourhood.
    """
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    sums = (near @ filled.T).T
    counts = (near @ known.T.astype(np.float64)).T
    sums[1:], counts[1:] = sums[1:] + sums[:-1], counts[1:] + counts[:-1]
    size = float(known.sum())
    if size == 0:
        return np.full(values.shape, np.nan)
    present = values[known]
    scores = standardised(sums, counts, float(present.mean()), float(present.std()), size)
    return np.where(known, scores, np.nan)


def hot_weeks(scores: Floats) -> Flags:
    """Return in which weeks which place was hot: at most one false alarm in ten over all weeks and places."""
    known = ~np.isnan(scores)
    z = scores[known]
    hot = np.zeros(scores.shape, dtype=np.bool_)
    hot[known] = (adjusted(two_sided(z)) <= LEVELS[0]) & (z > 0)
    return hot


def emerging(scores: Floats, hot: Flags) -> list[Emerging]:
    """Return the class of each place from its weekly scores and hot weeks; the last row is the latest week."""
    weeks, places = scores.shape
    known = ~np.isnan(scores)
    enough = (known.sum(axis=0) >= FEWEST_WEEKS) & known[-1] if weeks else np.zeros(places, dtype=np.bool_)
    if not enough.any():
        return [Emerging.UNKNOWN] * places
    trends = mann_kendall(scores)
    found = [Emerging.UNKNOWN] * places
    for place in np.flatnonzero(enough):
        seen = hot[known[:, place], place]
        trend = float(np.sign(trends.z[place])) if trends.p[place] <= TREND else 0.0
        found[place] = _class(seen, trend)
    return found


def _class(hot: Flags, trend: float) -> Emerging:
    """Return the class of one place by its known weeks; the trend is -1, 0 or 1."""
    times = int(hot.sum())
    mostly = times >= MOSTLY * len(hot)
    if not hot[-1]:
        return Emerging.HISTORICAL if mostly else Emerging.NONE
    if mostly:
        return {1.0: Emerging.INTENSIFYING, -1.0: Emerging.DIMINISHING}.get(trend, Emerging.PERSISTENT)
    if hot[-times:].all():
        return Emerging.NEW if times == 1 else Emerging.CONSECUTIVE
    return Emerging.SPORADIC
