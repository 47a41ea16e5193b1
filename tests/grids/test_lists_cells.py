"""What cells mean."""

from datetime import date

import pytest

from grids.lists import cells
from grids.lists.saying import Unfit


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01",
        "2026/3/1",
        "2026.3.1",
        "2026年3月1日",
        "２０２６年３月１日",
        "20260301",
        46082,
        "46082",
        "2026-03-01 08:00:00",
    ],
)
def test_a_day_is_read_however_it_is_written(written: str | int) -> None:
    assert cells.day(written) == date(2026, 3, 1)


@pytest.mark.parametrize("written", ["2026年3月", "2026-02-30", "三月一日", "12", "99999"])
def test_what_is_no_day_is_said(written: str) -> None:
    with pytest.raises(Unfit, match="is not a day"):
        cells.day(written)


@pytest.mark.parametrize(
    ("written", "number"), [("36", 36), ("３６户", 36), (36.0, 36), ("1,200", 1200), ("", None), (None, None)]
)
def test_a_number_may_be_text_and_full_width(written: str | float | None, number: int | None) -> None:
    assert cells.whole(written, 20_000) == number


@pytest.mark.parametrize("written", ["三十六", "-1", "36.5", "99999"])
def test_what_is_no_number_of_things_is_said(written: str) -> None:
    with pytest.raises(Unfit):
        cells.whole(written, 20_000)


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("111.67", 111.67),
        (111.67, 111.67),
        ("１１１.６７", 111.67),
        ("东经111.67", 111.67),
        ("111°40′12″", 111.67),
        ("111°40'12\"E", 111.67),
        ("111度40分12秒", 111.67),
        ("111°40.2'", 111.67),
        ("40.82N", 40.82),
        ("S 33.5", -33.5),
        ("", None),
    ],
)
def test_degrees_are_read_however_they_are_written(written: str | float, degrees: float | None) -> None:
    assert cells.degrees(written) == (pytest.approx(degrees) if degrees is not None else None)


@pytest.mark.parametrize("written", ["见附图", "500123.5", "111°75′", "1e400", "nan"])
def test_what_is_no_coordinate_is_said(written: str) -> None:
    with pytest.raises(Unfit):
        cells.degrees(written)


@pytest.mark.parametrize(
    "written",
    [
        "111.67,40.82",
        "111.67，40.82",
        "111.67 40.82",
        "（111.67；40.82）",
        "POINT(111.67 40.82)",
        "东经111.67，北纬40.82",
        "[111.67, 40.82]",
    ],
)
def test_two_coordinates_in_one_cell_are_read(written: str) -> None:
    assert cells.position(written) == pytest.approx((111.67, 40.82))


def test_degrees_and_minutes_in_one_cell_are_read() -> None:
    assert cells.position("111°40′12″E 40°49′12″N") == pytest.approx((111.67, 40.82))


def test_swapped_coordinates_are_noticed_by_the_region() -> None:
    box = (111.6, 40.7, 111.8, 40.9)
    assert cells.swapped([(40.82, 111.67), (40.83, 111.68)], box)
    assert not cells.swapped([(111.67, 40.82), (40.83, 111.68), (111.7, 40.8)], box)
    assert not cells.swapped([], box)


def test_letters_and_digits_get_their_usual_width_and_brackets_keep_theirs() -> None:
    assert cells.text("ＡＢ１２（东区）　", 20) == "AB12（东区）"


def test_text_that_is_too_long_is_said() -> None:
    with pytest.raises(Unfit, match="more than"):
        cells.text("字" * 21, 20)
