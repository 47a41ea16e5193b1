"""Stays and drawn lines."""

import numpy as np

from patrols.tracks.stays import drawn, stays


def test_who_remains_for_three_minutes_has_stayed() -> None:
    time = np.arange(0.0, 600.0, 10)
    east = np.where(time < 200, time * 1.4, np.where(time < 400, 280.0, 280 + (time - 400) * 1.4))
    metres = np.column_stack([east, np.zeros_like(east)])
    (stay,) = stays(time, metres)
    assert 170 <= time[stay.first] <= 200
    assert 400 <= time[stay.last] <= 430
    assert abs(stay.middle[0] - 280) < 10


def test_who_walks_on_has_not() -> None:
    time = np.arange(0.0, 600.0, 10)
    assert stays(time, np.column_stack([time * 1.4, time * 0])) == []


def test_a_drawn_line_keeps_its_bends_and_drops_its_tremor() -> None:
    metres = np.array([[0, 0], [50, 1], [100, 0], [150, -2], [200, 0], [200, 100]], float)
    assert drawn(metres).tolist() == [[0, 0], [200, 0], [200, 100]]
    assert drawn(metres[:2]).tolist() == metres[:2].tolist()
