"""Coverage and what is unknown, against a buffer by GEOS and against brute force."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patrols.tracks.cleaning import Gap
from patrols.tracks.coverage import Streets, passed, walked
from patrols.tracks.fixes import WALK, Floats
from patrols.tracks.spans import Spans, length, union, within, without


def line(*points: tuple[float, float]) -> Floats:
    return np.array(points, float)


def covered(street: Floats, *tracks: Floats) -> Spans:
    return walked(Streets.of([street]), tracks, [], WALK).covered.get(0, ())


def test_a_street_beside_the_walk_is_covered_as_far_as_the_walk_went() -> None:
    """
    walk     ·————————·            10 m apart, swath 15 m: half discs reach √(15² − 10²) m further
    street ————————————————
    """
    reach = (15**2 - 10**2) ** 0.5
    (span,) = covered(line((0, 0), (200, 0)), line((50, 10), (120, 10)))
    assert span == pytest.approx((50 - reach, 120 + reach))


def test_a_street_across_the_walk_is_covered_by_the_swath() -> None:
    (span,) = covered(line((0, -50), (0, 50)), line((-30, 0), (30, 0)))
    assert span == pytest.approx((35, 65))


def test_nothing_is_assumed_between_two_segments() -> None:
    first, second = covered(line((0, 0), (300, 0)), line((0, 0), (50, 0)), line((200, 0), (300, 0)))
    assert first == pytest.approx((0, 65))
    assert second == pytest.approx((185, 300))


def test_a_lone_fix_covers_its_disc() -> None:
    assert covered(line((-100, 0), (100, 0)), line((0, 9)))[0] == pytest.approx((100 - 12, 100 + 12))


def test_a_bent_street_is_measured_along_its_line() -> None:
    (span,) = covered(line((0, 0), (100, 0), (100, 100)), line((100, 40), (100, 60)))
    assert span == pytest.approx((125, 175))


def test_a_gap_leaves_the_ellipse_between_its_ends_unknown() -> None:
    # 400 s at 1.5 m/s are 600 m; the ends are 400 m apart: half axes 300 and √(300² − 200²) m.
    gap = Gap(0.0, 400.0, (-200.0, 0.0), (200.0, 0.0))
    streets = Streets.of([line((-500, 0), (500, 0)), line((0, -500), (0, 500))])
    found = walked(streets, [], [gap], WALK).unknown
    assert found[0][0] == pytest.approx((200, 800))
    assert found[1][0] == pytest.approx((500 - 50000**0.5, 500 + 50000**0.5))


def test_what_is_covered_is_not_unknown() -> None:
    gap = Gap(0.0, 400.0, (0.0, 0.0), (0.0, 0.0))
    result = walked(Streets.of([line((-500, 0), (500, 0))]), [line((-20, 0), (20, 0))], [gap], WALK)
    assert np.array(result.covered[0]) == pytest.approx(np.array([(465, 535)]))
    assert np.array(result.unknown[0]) == pytest.approx(np.array([(200, 465), (535, 800)]))


def test_an_end_of_the_patrol_in_silence_reaches_a_disc() -> None:
    result = walked(Streets.of([line((0, 0), (2000, 0))]), [], [Gap(0.0, 400.0, None, (1000.0, 0.0))], WALK)
    assert result.unknown[0][0] == pytest.approx((400, 1600))


def test_a_gap_without_a_place_says_nothing() -> None:
    assert walked(Streets.of([line((0, 0), (9, 0))]), [], [Gap(0.0, 400.0, None, None)], WALK).unknown == {}


def test_no_street_and_no_walk_is_no_coverage() -> None:
    assert walked(Streets.of([]), [line((0, 0), (9, 0))], [], WALK).covered == {}
    assert walked(Streets.of([line((0, 0), (0, 0))]), [line((0, 0))], [], WALK).covered == {}


def test_a_checkpoint_is_passed_within_25_metres() -> None:
    places = [shapely.Point(10, 24.9), shapely.Point(10, 25.1), shapely.box(-60, -10, -20, 10)]
    assert passed(places, [line((0, 0), (50, 0))]) == [0, 2]
    assert passed(places, []) == []


points = st.tuples(st.floats(0, 200), st.floats(0, 200))
lines = st.lists(points, min_size=2, max_size=6).map(lambda rows: np.array(rows, float))


@settings(deadline=None)
@given(lines, st.lists(lines, min_size=1, max_size=3))
@example(line((0, 0), (1, 5e-324)), [line((0, 0), (1, 0))])
def test_what_is_covered_is_what_lies_in_the_buffer(street: Floats, tracks: list[Floats]) -> None:
    buffer = shapely.union_all([shapely.buffer(shapely.linestrings(track), 15, quad_segs=128) for track in tracks])
    whole = sum(np.hypot(*np.diff(street, axis=0).T))
    pieces = [shapely.linestrings(np.array(piece)) for piece in itertools.pairwise(street)]
    expected = sum(shapely.length(shapely.intersection(piece, buffer)) for piece in pieces)
    assert length(covered(street, *tracks)) == pytest.approx(expected, abs=0.05 * len(street) * len(tracks))
    assert length(covered(street, *tracks)) <= whole + 1e-6


def test_coverage_does_not_depend_on_the_order_of_segments() -> None:
    generator = np.random.default_rng(7)
    streets = Streets.of([generator.uniform(0, 500, (4, 2)) for _ in range(30)])
    tracks = [generator.uniform(0, 500, (20, 2)) for _ in range(4)]
    assert walked(streets, tracks, [], WALK) == walked(streets, tracks[::-1], [], WALK)


whole_spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda ends: (float(min(ends)), float(max(ends))))
)


def metres(spans: Spans) -> set[int]:
    return {at for low, high in spans for at in range(int(low), int(high))}


@given(whole_spans, whole_spans)
def test_spans_are_sets_of_metres(one: list[tuple[float, float]], two: list[tuple[float, float]]) -> None:
    a, b = union(one), union(two)
    assert metres(a) == metres(tuple(one))
    assert metres(without(a, b)) == metres(a) - metres(b)
    assert metres(within(a, b)) == metres(a) & metres(b)
    assert length(a) == len(metres(a))
