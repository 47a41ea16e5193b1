"""The local statistic Gi* of Getis and Ord: whether much or little lies together around a place.

Ord, J. K., Getis, A. (1995): Local spatial autocorrelation statistics: distributional issues and an application.
Geographical Analysis 27(4), 286-306, the form that is standardised by its mean and variance:

    Gi* = (Σj wij xj - W x̄) / (s √((n S - W²) / (n - 1)))

with wij of 0 or 1 and wii = 1, W = Σj wij, S = Σj wij² = W, and the mean x̄ and variance s² = Σj xj² / n - x̄² of all n
values, the place itself among them.
"""

from collections.abc import Callable

import numpy as np

from maps.hotspots.statistics.types import Floats, Sparse

# So many numbers are drawn and summed up at once.
CHUNK = 4_000_000
ROUNDING = 1e-9


def local_g(values: Floats, near: Sparse) -> Floats:
    """Return the z-score of each place; 0 where nothing differs or the neighbours are all there are."""
    sums = near @ values
    return standardised(sums, near_counts(near), values.mean(), values.std(), len(values))


def standardised(sums: Floats, counts: Floats, mean: float, deviation: float, size: float) -> Floats:
    """Return z-scores of sums over so many places each, out of `size` places with this mean and deviation."""
    spread = deviation * np.sqrt(np.maximum(0.0, (size * counts - counts**2) / max(1.0, size - 1)))
    flat = spread <= ROUNDING * max(1.0, abs(mean))
    z = (sums - mean * counts) / np.where(flat, 1.0, spread)
    return np.asarray(np.where(flat, 0.0, z), dtype=np.float64)


def near_counts(near: Sparse) -> Floats:
    """Return how many neighbours each place has, itself among them."""
    return np.asarray(np.diff(near.indptr), dtype=np.float64)


def two_sided(z: Floats) -> Floats:
    """Return how likely a normal value lies at least as far out on either side."""
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(z)), dtype=np.float64)


def permuted(
    values: Floats, near: Sparse, times: int, seed: int, tell: Callable[[float], None] = lambda _share: None
) -> Floats:
    """Return two-sided pseudo p-values by conditional permutation (Anselin 1995, LISA): twice the smaller tail.

    Each place keeps its value while its neighbours' are drawn from all others without replacement. The draws are the
    same for all places, as usual, and depend on the seed alone. No p is below 2 / (times + 1).
    """
    size = len(values)
    degrees = np.diff(near.indptr) - 1
    most = int(degrees.max(initial=0))
    if size < 2 or most == 0:
        return np.ones(size)
    rng = np.random.default_rng(seed)
    drawn = _without_replacement(rng, size - 1, times, most)
    observed = near @ values - values
    # A sum that differs by rounding alone counts as the same.
    slack = ROUNDING * max(1.0, float(np.abs(values).max()))
    tails = np.zeros((2, size))
    step = max(1, CHUNK // (times * most))
    for start in range(0, size, step):
        places = np.arange(start, min(start + step, size))
        # Whoever stands behind the place itself moves up by one: it is never drawn.
        others = drawn[None, :, :] + (drawn[None, :, :] >= places[:, None, None])
        sums = np.cumsum(values[others], axis=2)
        chosen = np.take_along_axis(sums, np.maximum(degrees[places] - 1, 0)[:, None, None], axis=2)[:, :, 0]
        chosen[degrees[places] == 0] = 0.0
        tails[0, places] = (chosen >= observed[places, None] - slack).sum(axis=1)
        tails[1, places] = (chosen <= observed[places, None] + slack).sum(axis=1)
        tell((start + len(places)) / size)
    return np.asarray(np.minimum(1.0, 2 * (tails.min(axis=0) + 1) / (times + 1)), dtype=np.float64)


def _without_replacement(rng: np.random.Generator, size: int, times: int, most: int) -> np.ndarray:
    """Return `times` rows of `most` different numbers below `size`."""
    # Of many neighbours among few places, rows drawn blindly would hardly ever be without a repetition.
    if size <= max(4 * most, most * most // 4):
        rows = max(1, CHUNK // size)
        order = [
            np.argsort(rng.random((min(rows, times - done), size)), axis=1)[:, :most] for done in range(0, times, rows)
        ]
        return np.pad(np.concatenate(order), ((0, 0), (0, max(0, most - size))), mode="edge")
    drawn = rng.integers(size, size=(times, most))
    while True:
        ordered = np.sort(drawn, axis=1)
        twice = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not twice.any():
            return drawn
        drawn[twice] = rng.integers(size, size=(int(twice.sum()), most))
