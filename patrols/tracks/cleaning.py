"""Which fixes of a patrol are believed, in which unbroken segments, and why each other one is not.

Raw fixes stay as they came: cleaning only flags them, and cleaning again with other settings undoes it. The answer does
not depend on the order in which fixes arrived, nor on fixes that arrived twice.

A fix is implausible after another if the way between them, less what both accuracies allow, is faster than the pace
believes. It is an outlier only if nothing goes on from it (two-sided): a run of implausible fixes that agree with
each other becomes the track again once it is longer than `believe` fixes, and what it was implausible after is then
judged by the same rule.
"""

import itertools
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from grids.splitting.crs import Plane, plane_of
from patrols.tracks.fixes import Fixes, Floats, Ints, Pace


class Reason(StrEnum):
    """Why a fix does not count."""

    NOT_A_PLACE = "not_a_place"
    NULL_ISLAND = "null_island"
    FUTURE = "future"
    OUTSIDE = "outside_patrol"
    REPEATED = "repeated"
    INACCURATE = "inaccurate"
    OUTLIER = "outlier"


@dataclass(frozen=True, slots=True)
class Rules:
    """What cleaning goes by: metres of accuracy, seconds of silence, and how many fixes make a run believed."""

    accuracy: float = 50.0
    silence: float = 300.0
    believe: int = 3
    unstated_accuracy: float = 10.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a believed fix: from and to in epoch seconds, and the places in metres before and after it.

    A place is None before the first and after the last believed fix.
    """

    start: float
    end: float
    before: tuple[float, float] | None
    after: tuple[float, float] | None

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned patrol. `segments` are arrays of indices into the fixes, in order of time.

    `metres` are (n, 2) eastings and northings of all fixes in `plane`, NaN for what is no place; `reasons` has one
    entry a fix, None for those that count.
    """

    plane: Plane | None
    metres: Floats
    segments: tuple[Ints, ...]
    gaps: tuple[Gap, ...]
    reasons: tuple[Reason | None, ...]

    def lines(self) -> list[Floats]:
        """Return the segments as (k, 2) arrays of metres."""
        return [self.metres[segment] for segment in self.segments]


def clean(fixes: Fixes, start: float, end: float, pace: Pace, now: float, rules: Rules | None = None) -> Cleaned:
    """Clean the fixes of a patrol from `start` to `end`, epoch seconds; what is later than `now` is in the future."""
    rules = rules or Rules()
    reasons: list[Reason | None] = [None] * len(fixes)
    order = _usable(fixes, start, end, now, rules, reasons)
    metres = np.full((len(fixes), 2), np.nan)
    plane = None
    if len(order):
        middle = order[len(order) // 2]
        plane = plane_of(float(fixes.lon[middle]), float(fixes.lat[middle]))
        metres[order] = plane.forward(np.column_stack([fixes.lon[order], fixes.lat[order]]))
    runs = _runs(fixes, metres, [int(index) for index in order if reasons[index] is None], pace, rules, reasons)
    segments = tuple(np.array(part, np.int64) for run in runs for part in _unbroken(fixes.time, run, rules.silence))
    return Cleaned(
        plane, metres, segments, _gaps(fixes.time, metres, segments, start, end, rules.silence), tuple(reasons)
    )


def _usable(fixes: Fixes, start: float, end: float, now: float, rules: Rules, reasons: list[Reason | None]) -> Ints:
    """Flag what one fix alone or its double shows; return what lies on Earth and in the patrol, by time."""
    finite = np.isfinite(fixes.time) & np.isfinite(fixes.lon) & np.isfinite(fixes.lat)
    with np.errstate(invalid="ignore"):
        on_earth = finite & (np.abs(fixes.lon) <= 180) & (np.abs(fixes.lat) < 90)
        null = on_earth & (np.abs(fixes.lon) < 1e-6) & (np.abs(fixes.lat) < 1e-6)
        late = on_earth & (fixes.time > now)
        outside = on_earth & ((fixes.time < start) | (fixes.time > end))
        vague = on_earth & (fixes.accuracy > rules.accuracy)
    kept = []
    last = None
    for index in fixes.order().tolist():
        if not on_earth[index]:
            reasons[index] = Reason.NOT_A_PLACE
        elif null[index]:
            reasons[index] = Reason.NULL_ISLAND
        elif late[index]:
            reasons[index] = Reason.FUTURE
        elif outside[index]:
            reasons[index] = Reason.OUTSIDE
        elif last is not None and fixes.time[index] == last:
            # One place at a time: of several the most accurate, which comes first.
            reasons[index] = Reason.REPEATED
        else:
            last = fixes.time[index]
            kept.append(index)
            if vague[index]:
                reasons[index] = Reason.INACCURATE
    return np.array(kept, np.int64)


def _runs(
    fixes: Fixes, metres: Floats, order: list[int], pace: Pace, rules: Rules, reasons: list[Reason | None]
) -> list[list[int]]:
    """Return runs of fixes, each plausible after the one before, and flag what belongs to none."""
    slack = np.where(np.isnan(fixes.accuracy), rules.unstated_accuracy, fixes.accuracy)

    def plausible(one: int, two: int) -> bool:
        way = float(np.hypot(*(metres[two] - metres[one]))) - float(slack[one] + slack[two])
        return way <= pace.most * float(fixes.time[two] - fixes.time[one])

    runs: list[list[int]] = []
    run: list[int] = []
    doubted: list[int] = []

    def drop(indices: list[int]) -> None:
        for index in indices:
            reasons[index] = Reason.OUTLIER

    def rejoins(count: int) -> bool:
        """Whether the run goes on plausibly without its last fixes: then they were the outliers."""
        return count < len(run) and plausible(run[-1 - count], doubted[0])

    def close() -> None:
        # A run that a jump ends must itself be longer than what is believed.
        if len(run) > rules.believe:
            runs.append(run)
        else:
            drop(run)

    for index in order:
        if not run:
            run = [index]
        elif plausible(run[-1], index):
            drop(doubted)
            doubted = []
            run.append(index)
        elif doubted and not plausible(doubted[-1], index):
            drop(doubted)
            doubted = [index]
        else:
            doubted.append(index)
            if len(doubted) > rules.believe:
                spike = next((n for n in range(1, rules.believe + 1) if rejoins(n)), 0)
                if spike:
                    drop(run[-spike:])
                    run = run[:-spike] + doubted
                else:
                    close()
                    run = doubted
                doubted = []
    drop(doubted)
    if runs:
        close()
    elif run:
        runs.append(run)
    return runs


def _unbroken(time: Floats, run: list[int], silence: float) -> list[list[int]]:
    """Return the parts of a run between silences."""
    parts = [[run[0]]]
    for before, index in itertools.pairwise(run):
        if time[index] - time[before] > silence:
            parts.append([])
        parts[-1].append(index)
    return parts


def _gaps(
    time: Floats, metres: Floats, segments: tuple[Ints, ...], start: float, end: float, silence: float
) -> tuple[Gap, ...]:
    """Return the silences, those at the patrol's beginning and end included, and what lies between two runs."""

    def place(index: int) -> tuple[float, float]:
        return float(metres[index, 0]), float(metres[index, 1])

    if not segments:
        return (Gap(start, end, None, None),)
    gaps = []
    first, last = int(segments[0][0]), int(segments[-1][-1])
    if time[first] - start > silence:
        gaps.append(Gap(start, float(time[first]), None, place(first)))
    for before, after in itertools.pairwise(segments):
        one, two = int(before[-1]), int(after[0])
        gaps.append(Gap(float(time[one]), float(time[two]), place(one), place(two)))
    if end - time[last] > silence:
        gaps.append(Gap(float(time[last]), end, place(last), None))
    return tuple(gaps)
