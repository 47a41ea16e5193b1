"""How many grids an area gets, and how even they have to be for the target."""

import numpy as np
import pytest

from grids.splitting.counting import counted
from grids.splitting.graph import Graph


def row(total: float, pieces: int = 100) -> Graph:
    """Return squares of 100 m in a row, each beside the next, that have so many households together."""
    numbers = np.arange(pieces)
    return Graph(
        loads=np.full(pieces, total / pieces),
        areas=np.full(pieces, 10_000.0),
        rims=np.full(pieces, 400.0),
        outer=np.where((numbers == 0) | (numbers == pieces - 1), 300.0, 200.0),
        places=np.column_stack([numbers * 100.0, np.zeros(pieces)]),
        pairs=np.column_stack([numbers[:-1], numbers[1:]]),
        lengths=np.full((pieces - 1, 4), 25.0),
        barriers=np.zeros(pieces - 1),
    )


@pytest.mark.parametrize(
    ("total", "number", "slack"),
    [
        (4000, 10, 0.08),  # 400 each: nothing asks for more than is asked anyway
        (2961, 7, 0.0402),  # 423 each, and no more than 440
        (5020, 13, 0.0677),  # 386 each, and no less than 360
        (872, 2, 0.02),  # 436 each: hardly any room, but some for the shape
        (560, 2, 0.08),  # 280 each: not within a tenth of 400 anyway
    ],
)
def test_grids_may_be_as_far_off_their_even_share_as_the_target_has_room(
    total: float, number: int, slack: float
) -> None:
    found = counted(row(total), 400, None)
    assert found.counts.tolist() == [number]
    assert found.slack.tolist() == pytest.approx([slack], abs=1e-4)
    assert [said.code for said in found.remarks] == (["uneven"] if total == 560 else [])
