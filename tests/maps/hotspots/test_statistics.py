"""The statistics by brute force on small input, and as their sources define them."""

from collections.abc import Sequence
from itertools import combinations, pairwise

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, norm

from maps.hotspots.statistics import emerging, neighbours
from maps.hotspots.statistics.discovery import adjusted, classes
from maps.hotspots.statistics.getis_ord import local_g, permuted, two_sided
from maps.hotspots.statistics.names import Emerging
from maps.hotspots.statistics.rates import smoothed
from maps.hotspots.statistics.trend import mann_kendall

MIDDLE = h3.latlng_to_cell(40.8, 111.6, 9)


def cells(rings: int = 3) -> np.ndarray:
    return np.sort(np.array(h3.grid_disk(MIDDLE, rings), dtype=np.int64))


def test_hexagons_are_neighbours_where_they_share_an_edge() -> None:
    known = cells(1)
    near = neighbours.of_cells(known).toarray()
    for one, other in combinations(range(len(known)), 2):
        assert near[one, other] == near[other, one] == h3.are_neighbor_cells(int(known[one]), int(known[other]))
    assert (near.diagonal() == 1).all()
    assert near[list(known).index(MIDDLE)].sum() == 7


def test_grids_are_neighbours_where_they_touch() -> None:
    """Of four squares in a block all touch; the one apart is nobody's, and a sliver of 10 cm does not matter.

    +---+---+
    | 2 | 3 |   +---+
    +---+---+   | 4 |
    | 0 | 1 |   +---+
    +---+---+
    """
    squares = [shapely.box(x, y, x + 1e-3, y + 1e-3) for x, y in ((0, 0), (1e-3 + 1e-6, 0), (0, 1e-3), (1e-3, 1e-3))]
    near = neighbours.of_polygons([*squares, shapely.box(3e-3, 0, 4e-3, 1e-3)]).toarray()
    assert near.sum(axis=1).tolist() == [4, 4, 4, 4, 1]


def gi_star(values: Sequence[float], near: np.ndarray, place: int) -> float:
    """The formula of Ord and Getis (1995) as it is printed."""
    n, mean = len(values), sum(values) / len(values)
    s = (sum(x * x for x in values) / n - mean**2) ** 0.5
    w = near[place]
    top = sum(w[j] * values[j] for j in range(n)) - mean * sum(w)
    return float(top / (s * ((n * sum(w**2) - sum(w) ** 2) / (n - 1)) ** 0.5))


def test_gi_star_is_the_printed_formula() -> None:
    near = neighbours.of_cells(cells())
    values = np.random.default_rng(1).poisson(3, near.shape[0]).astype(float)
    expected = [gi_star(values, near.toarray(), place) for place in range(len(values))]
    assert local_g(values, near) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("values", [[2.0] * 37, [0.0] * 37, [0.1] * 37])
def test_where_nothing_differs_nothing_is_hot(values: list[float]) -> None:
    near = neighbours.of_cells(cells())
    assert (local_g(np.array(values), near) == 0).all()
    assert (permuted(np.array(values), near, 99, 1) == 1).all()


def test_where_all_are_neighbours_nothing_is_hot() -> None:
    assert (
        local_g(np.array([1.0, 5.0, 9.0]), neighbours.binary(np.array([0, 0, 1]), np.array([1, 2, 2]), 3)) == 0
    ).all()
    assert local_g(np.array([4.0]), neighbours.of_cells(cells(0))).tolist() == [0.0]


def test_permutations_come_close_to_all_that_there_are() -> None:
    """Of five places in a row the exact p of each is counted out over every choice of others as neighbours."""
    row = neighbours.binary(np.arange(4), np.arange(1, 5), 5)
    values = np.array([9.0, 7.0, 1.0, 0.0, 2.0])
    found = permuted(values, row, 9_999, 3)
    for place in range(5):
        others = [values[j] for j in range(5) if j != place]
        degree = int(row[place].sum()) - 1
        seen = float((row @ values)[place] - values[place])
        sums = [sum(chosen) for chosen in combinations(others, degree)]
        tails = [sum(one >= seen for one in sums) / len(sums), sum(one <= seen for one in sums) / len(sums)]
        assert found[place] == pytest.approx(min(1.0, 2 * min(tails)), abs=0.03)


def test_permutations_depend_on_the_seed_alone() -> None:
    near = neighbours.of_cells(cells())
    values = np.random.default_rng(1).poisson(3, near.shape[0]).astype(float)
    one, again, other = (permuted(values, near, 199, seed) for seed in (5, 5, 6))
    assert (one == again).all()
    assert (one != other).any()
    assert one.min() >= 2 / 200


def test_a_place_with_very_many_neighbours_is_drawn_for_too() -> None:
    """A park with a hundred grids around it: a hundred of 401 drawn at random are as good as never all different."""
    park = neighbours.binary(np.zeros(100, dtype=np.int64), np.arange(1, 101), 402)
    values = (np.where(np.arange(402) <= 100, 5, 1) + np.arange(402) % 3).astype(float)
    found = permuted(values, park, 99, 1)
    assert found[0] == 2 / 100
    assert found[401] == 1


def test_a_place_without_neighbours_is_never_striking_by_permutation() -> None:
    lonely = neighbours.binary(np.array([0]), np.array([1]), 3)
    assert permuted(np.array([1.0, 2.0, 99.0]), lonely, 199, 1)[2] == 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([0.01, 0.05, 0.1]))
@settings(max_examples=60, deadline=None)
def test_false_discoveries_are_those_of_the_step_up_rule(p: list[float], level: float) -> None:
    """Benjamini and Hochberg: with k the largest number with p(k) <= k / n level, the k smallest are findings."""
    ordered = sorted(p)
    k = max((i + 1 for i in range(len(p)) if ordered[i] <= (i + 1) / len(p) * level * (1 + 1e-12)), default=0)
    assert int((adjusted(np.array(p)) <= level * (1 + 1e-12)).sum()) == sum(one <= ordered[k - 1] for one in p if k)


def test_classes_are_signed_by_confidence() -> None:
    z = np.array([3.0, 3.0, 3.0, 3.0, -3.0, -3.0])
    q = np.array([0.01, 0.05, 0.1, 0.11, 0.009, 0.07])
    assert classes(z, q).tolist() == [3, 2, 1, 0, -3, -1]


def test_rates_are_drawn_to_the_mean_the_more_the_less_is_known() -> None:
    counts, base = np.array([10.0, 1.0, 90.0, 30.0]), np.array([100.0, 1.0, 300.0, 300.0])
    rates = smoothed(counts, base)
    mean, between = 131 / 701, None
    variance = (base * (counts / base - mean) ** 2).sum() / 701
    between = variance - mean / base.mean()
    weights = between / (between + mean / base)
    assert rates == pytest.approx(weights * counts / base + (1 - weights) * mean)
    assert abs(rates[1] - mean) < 0.1 * abs(1 - mean)


def test_rates_that_chance_explains_are_one_rate() -> None:
    assert smoothed(np.array([10.0, 21.0, 29.0]), np.array([100.0, 200.0, 300.0])).tolist() == [0.1] * 3
    assert smoothed(np.zeros(3), np.array([1.0, 2.0, 3.0])).tolist() == [0.0] * 3


@given(st.lists(st.integers(0, 4), min_size=3, max_size=25))
@settings(max_examples=80, deadline=None)
def test_the_trend_is_kendall_s_with_ties(series: list[int]) -> None:
    found = mann_kendall(np.array(series, dtype=float)[:, None])
    score = sum(int(np.sign(later - one)) for one, later in combinations(series, 2))
    assert found.score[0] == score
    if len(set(series)) == 1:
        assert (found.tau[0], found.z[0], found.p[0]) == (0, 0, 1)
        return
    known = kendalltau(np.arange(len(series)), series, method="asymptotic")
    assert found.tau[0] == pytest.approx(known.statistic, abs=1e-12)
    # Theirs has no correction for continuity; without it the variance gives their p.
    assert 2 * norm.sf(abs(score) / found.variance[0] ** 0.5) == pytest.approx(known.pvalue, abs=1e-12)
    assert found.z[0] == pytest.approx((score - np.sign(score)) / found.variance[0] ** 0.5)


def test_unknown_weeks_take_no_part_in_a_trend() -> None:
    with_gap = np.array([[1.0, np.nan, 2.0, 2.0, np.nan, 5.0, 4.0]]).T
    without = np.array([[1.0, 2.0, 2.0, 5.0, 4.0]]).T
    for name in ("score", "variance", "tau", "z", "p"):
        assert getattr(mann_kendall(with_gap), name)[0] == getattr(mann_kendall(without), name)[0]


def history(text: str, slope: float = 0.0) -> Emerging:
    """The class of a place whose weeks are hot (H), not (.) or unknown (?); scores rise by `slope` a week."""
    scores = np.array([[np.nan if one == "?" else slope * week] for week, one in enumerate(text)])
    return emerging.emerging(scores, np.array([[one == "H"] for one in text]))[0]


@pytest.mark.parametrize(
    ("text", "slope", "found"),
    [
        (".........H", 0, "new"),
        ("........HH", 0, "consecutive"),
        (".HHHHHHHH" + "H" * 1, 1, "intensifying"),
        ("HHHHHHHHHH", 1, "intensifying"),
        ("HHHHHHHHHH", 0, "persistent"),
        ("HHHH.HHHHH", 0, "persistent"),
        ("HHHHHHHHHH", -1, "diminishing"),
        ("..H......H", 0, "sporadic"),
        ("..HHH...HH", 1, "sporadic"),
        ("..HHHHHHHH", 1, "consecutive"),
        ("HHHHHHHHH.", 0, "historical"),
        ("HHHHHHHH..", 0, "none"),
        ("..........", 0, "none"),
        (".........", 0, "unknown"),
        ("HHHHHHHHHHH?", 0, "unknown"),
        ("?HHHHHHHHHH", 0, "persistent"),
        ("?HHHHHHHHH", 0, "unknown"),
        ("..?.......H", 0, "new"),
    ],
)
def test_every_class_over_time_is_as_it_is_defined(text: str, slope: float, found: str) -> None:
    assert history(text, slope).value == found


def test_weeks_are_compared_with_all_weeks_and_the_week_before_counts() -> None:
    near = neighbours.of_cells(cells(1))
    values = np.random.default_rng(2).poisson(2, (11, 7)).astype(float)
    values[4, 2] = np.nan
    scores = emerging.weekly_scores(values, near)
    assert np.isnan(scores[4, 2])
    flat, dense = values[~np.isnan(values)], near.toarray()
    for week, place in ((0, 1), (5, 2), (10, 6)):
        rows = values[max(0, week - 1) : week + 1][:, dense[place] > 0]
        around = rows[~np.isnan(rows)]
        n, w = len(flat), len(around)
        expected = (around.sum() - flat.mean() * w) / (flat.std() * ((n * w - w * w) / (n - 1)) ** 0.5)
        assert scores[week, place] == pytest.approx(expected)


def test_hot_weeks_are_those_above_with_few_false_alarms() -> None:
    scores = np.zeros((10, 20))
    scores[9, 0], scores[9, 1], scores[3, 3] = 6.0, -6.0, np.nan
    hot = emerging.hot_weeks(scores)
    assert hot.sum() == 1
    assert hot[9, 0]


def test_two_sided_p_is_that_of_the_normal_distribution() -> None:
    z = np.array([-1.96, 0.0, 2.5758])
    assert two_sided(z) == pytest.approx([0.05, 1.0, 0.01], abs=1e-4)
    assert all(one >= other for one, other in pairwise(two_sided(np.array([0.0, 1.0, 2.0, 3.0]))))
