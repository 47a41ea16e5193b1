"""From what was found and walked to hotspots: what the correction for walking is for, and what is unknown."""

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely

from maps.hotspots.statistics.analysis import Findings, Observed, analyse
from maps.hotspots.statistics.neighbours import of_cells
from maps.hotspots.statistics.repeats import repeats
from maps.hotspots.statistics.walked import WHOLE, Stretches, indexed, pieces, walked

CELLS = np.sort(np.array(h3.grid_disk(h3.latlng_to_cell(40.8, 111.6, 9), 12), dtype=np.int64))
NEAR = of_cells(CELLS)
SIZE, WEEKS = len(CELLS), 12
DAYS = np.array([0.0, *[7.0] * WEEKS])
WEST = np.array([h3.cell_to_latlng(cell)[1] < 111.6 for cell in CELLS.tolist()])
CORE = np.isin(CELLS, h3.grid_disk(h3.latlng_to_cell(40.8, 111.62, 9), 1))


def observed(
    patrol: np.ndarray, walked_m: np.ndarray | None, others: np.ndarray | None = None, **more: object
) -> Observed:
    none = np.zeros_like(patrol)
    return Observed(
        near=NEAR,
        days=DAYS,
        patrol=patrol if walked_m is not None else none,
        others=(none if others is None else others) + (none if walked_m is not None else patrol),
        walked=walked_m,
        **more,  # type: ignore[arg-type]
    )


def patrolled(factor: float, rate: float, seed: int, spot: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """What is found at one true rate a kilometre, `spot` times that in the core, where the west is walked more."""
    metres = np.full((WEEKS + 1, SIZE), 700.0)
    metres[0] = 0
    metres[:, WEST] *= factor
    truth = np.where(CORE, spot * rate, rate)
    found = np.random.default_rng(seed).poisson(metres / 1000 * truth).astype(float)
    return found, metres


def hot(found: Findings) -> int:
    return int((found.bins > 0).sum())


def test_equal_true_rates_and_double_patrols_make_heat_and_no_hotspots() -> None:
    striking = []
    for seed in range(20):
        found, metres = patrolled(2.0, 0.8, seed)
        west, east = found[:, WEST].sum() / WEST.sum(), found[:, ~WEST].sum() / (~WEST).sum()
        assert west > 1.8 * east  # the heat differs
        assert hot(analyse(observed(found, None))) > 20
        striking.append(analyse(observed(found, metres)).bins)
    # At 10 % one run in ten over nothing but chance may mark something, and then a place and its neighbours.
    assert sum(bool(bins.any()) for bins in striking) <= 4
    assert sum(int((bins != 0).sum()) for bins in striking) <= 0.001 * SIZE * len(striking)


@pytest.mark.parametrize("seed", range(4))
def test_a_real_spot_is_found_although_others_are_patrolled_more(seed: int) -> None:
    found, metres = patrolled(2.0, 0.8, seed, spot=3.0)
    corrected = analyse(observed(found, metres))
    assert (corrected.bins[CORE] == 3).sum() >= 6
    assert hot(corrected) <= 3 * CORE.sum()
    assert not WEST[np.argsort(-corrected.z)[:5]].any()
    assert corrected.expected.sum() == pytest.approx(found.sum())


def test_where_nobody_went_is_unknown_and_changes_nothing_elsewhere() -> None:
    found, metres = patrolled(1.0, 0.8, 1, spot=3.0)
    metres[:, WEST] = 0
    metres[1, np.flatnonzero(WEST)[0]] = 99.0
    found[:, WEST] = 50  # seen by people who were not on patrol there as far as anybody knows
    told = analyse(observed(found, metres))
    assert (told.known == ~WEST).all()
    assert np.isnan(told.z[WEST]).all()
    assert (told.bins[WEST] == 0).all()
    assert {told.emerging[place].value for place in np.flatnonzero(WEST)} == {"unknown"}
    assert hot(told) >= 6
    found[:, WEST] = 0
    assert np.array_equal(analyse(observed(found, metres)).z, told.z, equal_nan=True)


def test_without_any_walk_everything_is_unknown() -> None:
    found, metres = patrolled(1.0, 0.8, 1)
    told = analyse(observed(found, metres * 0))
    assert not told.known.any()
    assert hot(told) == 0


def test_what_residents_find_does_not_depend_on_walks() -> None:
    found, _metres = patrolled(1.0, 0.8, 3, spot=4.0)
    alone = analyse(observed(found * 0, None, found))
    assert alone.known.all()
    assert (alone.bins[CORE] > 0).sum() >= 6
    assert alone.expected == pytest.approx(np.full(SIZE, found.sum() / SIZE))


def test_households_tell_what_is_usual_and_none_is_unknown() -> None:
    homes = np.where(WEST, 400.0, 100.0)
    homes[:2] = np.nan, 0.0
    rng = np.random.default_rng(2)
    found = rng.poisson(np.nan_to_num(homes) / 100, (WEEKS + 1, SIZE)).astype(float)
    told = analyse(observed(found * 0, None, found, households=homes))
    assert not told.known[:2].any()
    assert hot(told) == 0
    assert told.expected[2:] == pytest.approx(homes[2:] * found[:, 2:].sum() / homes[2:].sum())


def test_a_spot_that_grows_is_intensifying_and_one_that_ended_is_not_hot_now() -> None:
    found, metres = patrolled(1.0, 1.0, 5)
    week = np.arange(WEEKS + 1)[:, None]
    found[:, CORE] += 4 + week
    assert analyse(observed(found, metres)).emerging[int(np.flatnonzero(CORE)[3])].value == "intensifying"
    found[WEEKS - 2 :, CORE] = 0
    ended = analyse(observed(found, metres)).emerging[int(np.flatnonzero(CORE)[3])].value
    assert ended in {"none", "historical"}


def test_the_answer_is_the_same_to_the_last_digit() -> None:
    found, metres = patrolled(1.5, 0.8, 6, spot=2.0)
    one, again = (analyse(observed(found, metres), permutations=199, seed=9) for _turn in range(2))
    for name in ("expected", "ratio", "z", "p", "q", "bins"):
        assert getattr(one, name).tobytes() == getattr(again, name).tobytes()
    assert one.emerging == again.emerging


def test_walked_metres_are_those_of_the_covered_pieces() -> None:
    """A street of 100 m in five pieces, the first three in place 0 and two in place 1, and one of 30 m nowhere."""
    lines = np.array([shapely.LineString([(0, 0), (0.001, 0)]), shapely.LineString([(1, 1), (1, 1.001)])])
    cut = pieces(lines, np.array([100.0, 30.0]))
    assert cut.metres.tolist() == [20.0] * 5 + [15.0] * 2
    assert cut.middle[:5].tolist() == [100_000, 300_000, 500_000, 700_000, 900_000]
    place = np.array([0, 0, 0, 1, 1, -1, -1])
    covered = Stretches(
        street=np.array([0, 0, 0, 1]),
        week=np.array([1, 1, 2, 1]),
        low=np.array([0, 0, 300_000, 0]),
        high=np.array([WHOLE + 1, 400_000, 700_000, WHOLE + 1]),
    )
    assert walked(cut, covered, place, 2, 3).tolist() == [[0, 0], [100, 40], [40, 0]]


def test_nothing_is_found_among_no_keys() -> None:
    none = np.array([], dtype=np.int64)
    assert indexed(none, np.array([1, 2])).tolist() == [-1, -1]
    assert indexed(np.array([3, 5]), np.array([5, 4, 3, 9])).tolist() == [1, -1, 0, -1]


def back(*spots: tuple[float, float, int, int], most: int = 10) -> list[tuple[int, ...]]:
    east, north, day, kind = (np.array(column) for column in zip(*spots, strict=True))
    return [one.members for one in repeats(east.astype(float), north.astype(float), day, kind, most)]


def test_three_times_within_thirty_metres_and_ninety_days_is_a_place() -> None:
    assert back((0, 0, 0, 1), (29, 0, 40, 1), (-29, 0, 89, 1)) == [(0, 1, 2)]
    assert back((0, 0, 0, 1), (29, 0, 40, 1), (0, 29, 90, 1)) == []
    assert back((0, 0, 0, 1), (29, 0, 40, 1), (61, 0, 80, 1)) == []
    assert back((0, 0, 0, 1), (29, 0, 40, 2), (-29, 0, 80, 1)) == []
    assert back((0, 0, 0, 1), (1, 0, 1, 1)) == []


def test_the_busiest_ninety_days_are_taken_and_nothing_counts_twice() -> None:
    late = [(0.0, 0.0, day, 1) for day in (200, 210, 220, 230)]
    early = [(1.0, 0.0, day, 1) for day in (0, 10, 20)]
    assert back(*early, *late) == [(3, 4, 5, 6), (0, 1, 2)]
    assert back(*early, *late, most=1) == [(3, 4, 5, 6)]
