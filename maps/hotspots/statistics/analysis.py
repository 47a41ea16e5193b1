"""From what was found and walked to hotspots: expected numbers, rates, Gi*, classes, and how they emerged.

What patrols find grows with how much they walk, so that it is compared with what the walked metres let one expect.
What residents and others report does not; that is compared with an even spread, or one by households where those are
given. Of a place where nobody is known to have walked enough, and of one without known households, nothing is said.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maps.hotspots.statistics.discovery import adjusted, classes
from maps.hotspots.statistics.emerging import FEWEST_WEEKS, emerging, hot_weeks, weekly_scores
from maps.hotspots.statistics.getis_ord import local_g, permuted, two_sided
from maps.hotspots.statistics.names import Emerging
from maps.hotspots.statistics.rates import smoothed
from maps.hotspots.statistics.types import Flags, Floats, Ints, Sparse

# Walked metres, each day's counted, below which effort is as good as unknown.
LEAST_WALKED = 100.0


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What is known of places (columns) over time (rows): the first row is the days before the first whole week.

    `days` has the length of each row in days. `walked` are metres of street walked, each day's counted, or None where
    effort plays no part: then `patrol` is zero throughout. `households` are NaN where they are not known.
    """

    near: Sparse
    days: Floats
    patrol: Floats
    others: Floats
    walked: Floats | None = None
    households: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What follows for each place; NaN and 0 where `known` is false.

    `expected` has the sum of what was found in the known places; `ratio` is found against expected, drawn towards 1 as
    far as chance would move it. `bins` are the classes -3 to 3.
    """

    known: Flags
    expected: Floats
    ratio: Floats
    z: Floats
    p: Floats
    q: Floats
    bins: Ints
    emerging: list[Emerging]


def analyse(
    seen: Observed,
    permutations: int = 0,
    seed: int = 0,
    tell: Callable[[str, float], None] = lambda _step, _share: None,
) -> Findings:
    """Find hotspots; with permutations the p-values are pseudo p-values that depend on the seed alone."""
    tell("rates", 0.0)
    known, base = _bases(seen)
    places = len(known)
    found = Findings(
        known=known,
        expected=np.full(places, np.nan),
        ratio=np.full(places, np.nan),
        z=np.full(places, np.nan),
        p=np.full(places, np.nan),
        q=np.full(places, np.nan),
        bins=np.zeros(places, dtype=np.int64),
        emerging=[Emerging.UNKNOWN] * places,
    )
    if not known.any():
        return found
    near = seen.near[known][:, known]
    counts = (seen.patrol + seen.others)[:, known]
    total = counts.sum(axis=0)
    expected = base[:, known].sum(axis=0)
    if total.sum() == 0:
        return found
    scale = total.sum() / expected.sum()
    ratio = _rates(total, expected * scale)
    tell("clusters", 0.1)
    z = local_g(ratio, near)
    p = two_sided(z)
    if permutations:
        p = permuted(ratio, near, permutations, seed, lambda share: tell("chances", 0.1 + 0.6 * share))
    q = adjusted(p)
    for name, values in {"expected": expected * scale, "ratio": ratio, "z": z, "p": p, "q": q}.items():
        getattr(found, name)[known] = values
    found.bins[known] = classes(z, q)
    tell("weeks", 0.7)
    over_time = _emerging(seen, known, base, near)
    for place, one in zip(np.flatnonzero(known), over_time, strict=True):
        found.emerging[place] = one
    return found


def _bases(seen: Observed) -> tuple[Flags, Floats]:
    """Return which places are known, and what one may expect of each in each row, not scaled yet."""
    places = seen.patrol.shape[1]
    known = np.ones(places, dtype=np.bool_)
    weight = np.ones(places)
    if seen.households is not None:
        weight = np.nan_to_num(seen.households)
        known &= weight > 0
    if seen.walked is not None:
        known &= seen.walked.sum(axis=0) >= LEAST_WALKED
    base = np.zeros_like(seen.patrol)
    if not known.any():
        return known, base
    if seen.walked is not None:
        base += seen.patrol[:, known].sum() / seen.walked[:, known].sum() * seen.walked
    others = seen.others[:, known].sum()
    if others > 0 or seen.walked is None:
        shares = (seen.days / seen.days.sum())[:, None] * (weight / weight[known].sum())[None, :]
        base += max(others, 1.0) * shares
    if not base[:, known].any():
        base += 1.0  # nothing was found in any known place: then nothing differs either
    return known, base


def _rates(counts: Floats, base: Floats) -> Floats:
    # Over an even base the rates are the counts themselves: drawing them together changes no z-score.
    even = np.ptp(base) <= 1e-9 * base.max(initial=0.0)
    return counts / base if even else smoothed(counts, base)


def _emerging(seen: Observed, known: Flags, base: Floats, near: Sparse) -> list[Emerging]:
    """Return the classes over the whole weeks; weeks without enough walking are unknown."""
    if len(seen.days) - 1 < FEWEST_WEEKS:
        return [Emerging.UNKNOWN] * int(known.sum())
    counts, expected = (seen.patrol + seen.others)[1:, known], base[1:, known]
    there = expected > 0
    if seen.walked is not None:
        there &= seen.walked[1:, known] >= LEAST_WALKED
    values = np.full(counts.shape, np.nan)
    if there.any():
        values[there] = _rates(counts[there], expected[there])
    scores = weekly_scores(values, near)
    return emerging(scores, hot_weeks(scores))
