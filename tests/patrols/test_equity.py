"""How evenly amounts are spread: by hand, and against the definition by all pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrols.equity import gini, spread

PAIRS = st.lists(
    st.tuples(st.floats(0, 1e5), st.floats(1, 1e4)).map(lambda pair: (round(pair[0], 2), round(pair[1], 2))),
    min_size=3,
    max_size=12,
)


def by_all_pairs(pairs: list[tuple[float, float]]) -> float:
    """Half of the mean difference of rates between two units of the base, over the mean rate."""
    bases = sum(base for _amount, base in pairs)
    mean = sum(amount for amount, _base in pairs) / bases
    apart = sum(base * other * abs(amount / base - one / other) for amount, base in pairs for one, other in pairs)
    return apart / (2 * bases * bases * mean)


def test_all_alike_is_nought_and_one_with_everything_is_nearly_one() -> None:
    assert spread([(10, 2), (5, 1), (20, 4)]).gini == pytest.approx(0)
    assert spread([(0, 1)] * 99 + [(5, 1)]).gini == pytest.approx(0.99)


def test_least_median_and_most_are_rates() -> None:
    found = spread([(1, 10), (5, 10), (30, 10), (7, 0)])
    assert (found.count, found.least, found.median, found.most) == (3, 0.1, 0.5, 3.0)


def test_of_few_or_of_nothing_no_spread_is_said() -> None:
    assert spread([(1, 1), (2, 1)]).gini is None
    assert spread([(1, 1), (2, 1)]).median is None
    nothing = spread([(0, 1), (0, 2), (0, 3)])
    assert (nothing.median, nothing.gini) == (0, None)


@given(PAIRS)
def test_it_is_the_mean_difference_over_twice_the_mean(pairs: list[tuple[float, float]]) -> None:
    found = spread(pairs).gini
    if not sum(amount for amount, _base in pairs):
        assert found is None
    else:
        assert found == pytest.approx(by_all_pairs(pairs), abs=1e-9)


@given(PAIRS, st.floats(0.1, 100))
def test_a_grid_cut_in_two_alike_halves_changes_nothing(pairs: list[tuple[float, float]], factor: float) -> None:
    halves = [(amount / 2, base / 2) for amount, base in pairs for _half in (1, 2)]
    scaled = [(amount * factor, base) for amount, base in pairs]
    whole = spread(pairs).gini
    if whole is not None:
        assert spread(halves).gini == pytest.approx(whole, abs=1e-9)
        assert spread(scaled).gini == pytest.approx(whole, abs=1e-9)
    assert gini([(0.0, 1.0)]) is None
