"""The settings in use recognise walks with a known true way, and no other setting does so much better."""

from dataclasses import replace
from functools import cache

import pytest

from patrols.standing import ENOUGH
from tests.bench.calibration import VARIED, Setting, Trial, score, trial

MOST_BEHIND = 0.03  # of F1: less is the luck of the draw


@cache
def trials() -> list[Trial]:
    return [trial(seed) for seed in range(8)]


def test_the_settings_tried_are_those_in_use() -> None:
    assert Setting().enough == ENOUGH
    assert all(getattr(Setting(), name) in values for name, values in VARIED.items())


def test_what_is_said_to_be_walked_was_and_what_was_is_found() -> None:
    streets = score(Setting(), trials(), shortest=30)
    assert streets.said > 100
    assert streets.precision > 0.88
    assert streets.recall > 0.93
    assert score(Setting(), trials()).both > 0.85


@pytest.mark.parametrize("name", VARIED)
def test_no_other_value_is_much_better(name: str) -> None:
    usual = score(Setting(), trials()).both
    best = max(score(replace(Setting(), **{name: value}), trials()).both for value in VARIED[name])
    assert best - usual < MOST_BEHIND


def test_a_setting_that_is_far_off_is_seen_to_be() -> None:
    usual = score(Setting(), trials()).both
    assert score(Setting(swath=40), trials()).both < usual - 0.05
    assert score(Setting(accuracy=3), trials()).recall < 0.8


def test_the_same_seed_draws_the_same_walk() -> None:
    one, two = trial(3), trial(3)
    assert one.fixes.lon.tolist() == two.fixes.lon.tolist()
    assert one.walked == two.walked
    assert all(number in one.walked for number in one.heard)
