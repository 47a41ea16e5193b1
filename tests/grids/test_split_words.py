"""What is said of proposals: every code has its sentence."""

import pytest
from django.utils import translation

from grids.split_words import MOST_TOLD, kind_of, remark, told
from grids.splitting import Remark


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def barrier(**more: object) -> Remark:
    values = {"grid": 5, "kind": "primary", "metres": 340, "households": 120, "area_m2": 9000, "target": 400, **more}
    return Remark("barrier_inside", values)


def test_a_barrier_is_said_with_kind_grid_length_and_why_no_split_is_feasible() -> None:
    assert remark(barrier()) == (
        "340 m of main road lie inside grid 5: the 120 households beyond are too few for a grid of 400."
    )
    assert remark(barrier(households=380)) == "340 m of main road lie inside grid 5, with 380 households beyond."
    assert remark(barrier(households=None)) == "340 m of main road lie inside grid 5 and part off nothing there."
    assert remark(barrier(target=None)) == "340 m of main road lie inside grid 5, with 120 households beyond."
    unit = Remark("barrier_inside_unit", dict(barrier().values))
    assert remark(unit) == "340 m of main road lie inside unit grid 5; what lies beyond has 9000 m²."


def test_the_longest_barriers_are_told_and_the_rest_counted() -> None:
    sentences = told([barrier(metres=metres) for metres in range(100, 100 + MOST_TOLD + 2)])
    assert len(sentences) == MOST_TOLD + 1
    assert sentences[0].startswith(f"{101 + MOST_TOLD} m")
    assert sentences[-1] == "2 more stretches of barriers lie inside of grids."


def test_repairs_of_one_kind_are_told_once() -> None:
    assert told(
        [
            Remark("repaired_gap", {"area": 1.25, "grids": [1, 2]}),
            Remark("repaired_overlap", {"area": 3, "grids": [2, 3]}),
            Remark("repaired_gap", {"area": 2, "grids": [4, 5]}),
        ]
    ) == ["2 gaps were closed (3.2 m² together).", "1 overlap was divided (3 m² together)."]


def test_one_building_is_one() -> None:
    assert remark(Remark("crosses_boundary", {"count": 1})).startswith("1 building stands")
    assert remark(Remark("unbalanced", {"count": 2, "target": 400})).startswith("2 grids are")


def test_a_code_without_words_is_not_hidden() -> None:
    assert told([Remark("something_new"), Remark("repaired_moon")]) == ["something_new", "repaired_moon"]


def test_kinds_are_said_in_the_readers_language() -> None:
    assert [kind_of(word) for word in ("primary_link", "light_rail", "water", "hedge")] == [
        "main road",
        "railway",
        "waterway",
        "hedge",
    ]
    with translation.override("zh-hans"):
        assert told([barrier()]) == ["第 5 网格内有 340 米主要道路：另一侧只有 120 户，不足以自成 400 户的网格。"]
