"""Cleaning: what counts, why the rest does not, and that neither order nor doubles matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrols.tracks.cleaning import Cleaned, Reason, Rules, clean
from patrols.tracks.fixes import BICYCLE, WALK, Fixes, Pace
from tests.patrols.tracks.walks import ORIGIN, START, fixes, straight, taken

HOUR = 3600.0


def cleaned(given_: Fixes, end: float = HOUR, pace: Pace = WALK, start: float = 0.0) -> Cleaned:
    return clean(given_, START + start, START + end, pace, START + 10 * HOUR)


def places(result: Cleaned) -> list[list[tuple[int, int]]]:
    return [[tuple(np.rint(row - ORIGIN).astype(int).tolist()) for row in line] for line in result.lines()]


def test_an_honest_walk_is_one_segment_without_a_reason() -> None:
    result = cleaned(fixes(straight(60)), end=60)
    assert [len(segment) for segment in result.segments] == [13]
    assert set(result.reasons) == {None}
    assert result.gaps == ()


def test_a_spike_is_dropped_and_the_walk_goes_on() -> None:
    """
    ·—·—·   ·—·—·
          *            * 400 m away
    """
    rows = straight(60)
    rows[6] = (30.0, 42.0, 400.0)
    result = cleaned(fixes(rows))
    assert result.reasons[6] is Reason.OUTLIER
    assert [len(segment) for segment in result.segments] == [12]


def test_after_a_slow_drift_away_the_way_back_shows_the_outlier() -> None:
    # 170 m in a minute is believed; 170 m back in five seconds is not: the fix before was the outlier.
    rows = [*straight(60), (120.0, 84.0, 170.0), *[(125.0 + t, 175.0 + 1.4 * t, 0.0) for t in range(0, 60, 5)]]
    result = cleaned(fixes(rows))
    assert result.reasons[13] is Reason.OUTLIER
    assert sum(reason is not None for reason in result.reasons) == 1
    assert len(result.segments) == 1


def test_a_wild_beginning_is_dropped_once_enough_agree() -> None:
    rows = [(0.0, 5000.0, 5000.0), *[(t + 5, east, north) for t, east, north in straight(60)]]
    result = cleaned(fixes(rows))
    assert result.reasons[0] is Reason.OUTLIER
    assert [len(segment) for segment in result.segments] == [13]


def test_a_jump_that_lasts_begins_a_segment_and_leaves_a_gap() -> None:
    # Three minutes by bus between two walks of a minute.
    later = [(240 + t, 3000.0 + east, north) for t, east, north in straight(60)]
    result = cleaned(fixes([*straight(60), *later]))
    assert [len(segment) for segment in result.segments] == [13, 13]
    assert (result.gaps[0].start, result.gaps[0].end) == (START + 60, START + 240)


def test_five_silent_minutes_part_a_walk() -> None:
    rows = [*straight(60), *[(361 + t, 84.0 + east, north) for t, east, north in straight(60)]]
    result = cleaned(fixes(rows))
    assert [len(segment) for segment in result.segments] == [13, 13]
    assert result.gaps[0].seconds == 301


def test_silence_at_both_ends_of_a_patrol_is_a_gap_with_one_place() -> None:
    rows = [(1000 + t, east, north) for t, east, north in straight(60)]
    before, after = cleaned(fixes(rows)).gaps
    assert before.before is None
    assert before.after is not None
    assert after.before is not None
    assert after.after is None


def test_a_patrol_without_fixes_is_one_gap_without_a_place() -> None:
    (gap,) = cleaned(fixes([])).gaps
    assert (gap.seconds, gap.before, gap.after) == (HOUR, None, None)


def test_a_cyclist_is_believed_what_a_walker_is_not() -> None:
    rows = straight(60, speed=8.0)
    assert set(cleaned(fixes(rows), pace=BICYCLE).reasons) == {None}
    assert Reason.OUTLIER in cleaned(fixes(rows), pace=WALK).reasons


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((10.0, np.nan, 0.0), Reason.NOT_A_PLACE),
        ((11 * HOUR, 0.0, 0.0), Reason.FUTURE),
        ((-10.0, 0.0, 0.0), Reason.OUTSIDE),
        ((HOUR + 1, 0.0, 0.0), Reason.OUTSIDE),
    ],
)
def test_each_fix_that_cannot_count_says_why(row: tuple[float, float, float], reason: Reason) -> None:
    result = cleaned(fixes([*straight(60), row]))
    assert result.reasons[-1] is reason
    assert [len(segment) for segment in result.segments] == [13]


def test_no_place_on_earth_and_the_null_island_are_told_apart() -> None:
    honest = fixes(straight(60))
    lon = np.append(honest.lon, [0.0, 500.0])
    lat = np.append(honest.lat, [0.0, 10.0])
    result = cleaned(
        Fixes(np.append(honest.time, [START + 1, START + 2]), lon, lat, np.append(honest.accuracy, [5, 5]))
    )
    assert result.reasons[-2:] == (Reason.NULL_ISLAND, Reason.NOT_A_PLACE)


def test_a_vague_fix_is_flagged_and_the_walk_goes_on_without_it() -> None:
    result = cleaned(fixes(straight(60), accuracy=[5.0] * 6 + [80.0] + [5.0] * 6))
    assert result.reasons[6] is Reason.INACCURATE
    assert [len(segment) for segment in result.segments] == [12]


def test_of_two_places_at_one_time_the_more_accurate_counts() -> None:
    rows = [*straight(60), (30.0, 42.0, 9.0)]
    result = cleaned(fixes(rows, accuracy=[20.0] * 13 + [3.0]))
    assert result.reasons[6] is Reason.REPEATED
    assert (42, 9) in places(result)[0]


def test_other_rules_judge_the_same_fixes_anew() -> None:
    walk = fixes(straight(60), accuracy=30.0)
    strict = clean(walk, START, START + 60, WALK, START + HOUR, Rules(accuracy=20.0))
    assert set(strict.reasons) == {Reason.INACCURATE}
    assert set(cleaned(walk).reasons) == {None}


rows = st.tuples(
    st.integers(0, 900).map(float), st.floats(-300, 300), st.floats(-300, 300), st.sampled_from([3.0, 12.0, 60.0])
)


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=40), st.data())
def test_shuffled_and_doubled_fixes_give_the_same_track(given_: list[tuple[float, ...]], data: st.DataObject) -> None:
    walk = fixes([row[:3] for row in given_], accuracy=[row[3] for row in given_])  # type: ignore[misc]
    order = data.draw(st.permutations(range(len(walk))))
    doubled = [*order, *data.draw(st.lists(st.integers(0, len(walk) - 1)))]
    one, two = cleaned(walk), cleaned(taken(walk, doubled))
    assert [line.tolist() for line in one.lines()] == [line.tolist() for line in two.lines()]
    assert one.gaps == two.gaps


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=40))
def test_within_a_segment_nobody_is_faster_than_believed(given_: list[tuple[float, ...]]) -> None:
    walk = fixes([row[:3] for row in given_], accuracy=[row[3] for row in given_])  # type: ignore[misc]
    result = cleaned(walk)
    counted = sorted(index for segment in result.segments for index in segment.tolist())
    assert counted == [index for index, reason in enumerate(result.reasons) if reason is None]
    for segment in result.segments:
        time, line = walk.time[segment], result.metres[segment]
        slack = walk.accuracy[segment][1:] + walk.accuracy[segment][:-1]
        assert (np.hypot(*np.diff(line, axis=0).T) - slack <= WALK.most * np.diff(time) + 1e-6).all()
        assert (np.diff(time) <= 300).all()
