"""`python -m tests.bench.calibration`: how well walks with a known true way are recognised, for several settings.

A town of blocks with alleys close beside streets is walked at random on either pavement. What a phone records of it has
errors that hang together (a Gauss-Markov process of 3 to 15 m), single outliers, stretches between high houses that are
shifted as a whole, pauses in which it drifts, and silences. A street counts as truly walked if somebody went along so
much of it as the rule asks for; precision is how many of those said to be walked were, recall how many of the walked
ones were found. What was walked in a silence need not be found.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from patrols.tracks.cleaning import Rules, clean
from patrols.tracks.coverage import SWATH, Streets, walked
from patrols.tracks.fixes import WALK, Fixes, Floats, Ints, Pace
from patrols.tracks.spans import Spans, length, union
from tests.patrols.tracks.walks import ORIGIN, START, degrees

Flags = NDArray[np.bool_]
EVERY, SPEED, MINUTES = 5.0, 1.25, 75
PAVEMENT = 5.0  # metres from the middle of a street
SIGMAS = (3.0, 6.0, 10.0, 15.0)
LASTING = 40.0  # seconds in which an error fades to a third


@dataclass(frozen=True)
class Setting:
    """What positions are judged by."""

    accuracy: float = Rules().accuracy
    most: float = WALK.most
    swath: float = SWATH
    silence: float = Rules().silence
    enough: float = 0.6  # as `patrols.standing` has it, which needs Django


@dataclass(frozen=True)
class Trial:
    """A walk as it was recorded, and of each street by number what was walked, and what of it outside of silences."""

    fixes: Fixes
    end: float
    walked: dict[int, Spans]
    heard: dict[int, Spans]


@dataclass(frozen=True)
class Score:
    """How many streets were said to be walked, rightly, and how many were walked outside of silences, and found."""

    said: int
    right: int
    heard: int
    found: int

    @property
    def precision(self) -> float:
        """The share of those said to be walked that were."""
        return self.right / max(1, self.said)

    @property
    def recall(self) -> float:
        """The share of the walked ones that were found."""
        return self.found / max(1, self.heard)

    @property
    def both(self) -> float:
        """The harmonic mean of the two (F1)."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


@cache
def town() -> tuple[tuple[tuple[float, float], ...], dict[int, tuple[int, ...]], tuple[tuple[int, int], ...]]:
    """Return corners in metres, which corners lie next to which, and the streets as pairs of corners.

    ::

        0   24  100   180  204  300      alleys run 24 m beside streets in every third column
        +---+----+-----+----+----+
        |   |    |     |    |    |       rows are 70 to 95 m apart
        +---+----+-----+----+----+
    """
    easts = np.cumsum([0, 24, 76, 80, 24, 96, 85, 24, 90, 75])
    norths = np.cumsum([0, 70, 95, 80, 75, 90, 70, 85, 80])
    corners = tuple((float(east), float(north)) for north in norths for east in easts)
    wide = len(easts)
    streets = []
    for number in range(len(corners)):
        if (number + 1) % wide:
            streets.append((number, number + 1))
        if number + wide < len(corners):
            streets.append((number, number + wide))
    beside: dict[int, list[int]] = {number: [] for number in range(len(corners))}
    for one, two in streets:
        beside[one].append(two)
        beside[two].append(one)
    return corners, {number: tuple(found) for number, found in beside.items()}, tuple(streets)


@cache
def lines() -> Streets:
    """Return the streets for the code that is tried."""
    corners, _beside, streets = town()
    return Streets.of([np.array([corners[one], corners[two]]) + ORIGIN for one, two in streets])


def trial(seed: int) -> Trial:
    """Draw a walk and what is recorded of it."""
    rng = np.random.default_rng(seed)
    corners, beside, streets = town()
    number_of = {frozenset(pair): number for number, pair in enumerate(streets)}
    here, before = int(rng.integers(len(corners))), -1
    path = [here]
    while len(path) < 90:
        ways = [way for way in beside[here] if way != before] or list(beside[here])
        before, here = here, int(rng.choice(ways))
        path.append(here)
    points = np.array([corners[corner] for corner in path])
    legs = np.diff(points, axis=0)
    sizes = np.hypot(*legs.T)
    along = np.concatenate([[0.0], np.cumsum(sizes)])
    moving = _moving(rng)
    at = np.minimum(np.cumsum(moving) * SPEED * EVERY, along[-1] - 0.01)
    leg = np.searchsorted(along, at, side="right") - 1
    share = (at - along[leg]) / sizes[leg]
    side = rng.choice([-PAVEMENT, PAVEMENT], len(legs))
    across = np.column_stack([-legs[:, 1], legs[:, 0]]) / sizes[:, None] * side[:, None]
    true = points[leg] + legs[leg] * share[:, None] + across[leg]
    silent = _silences(rng, len(at))
    recorded, accuracy = _recorded(rng, true)
    keep = ~silent
    places = degrees(recorded[keep])
    time = np.asarray(START + np.arange(len(at)) * EVERY, np.float64)
    return Trial(
        Fixes(time[keep], places[:, 0], places[:, 1], np.asarray(accuracy[keep], np.float64)),
        float(time[-1]),
        *(_truly(path, number_of, streets, leg, share, sizes, unheard) for unheard in (np.zeros_like(silent), silent)),
    )


def _moving(rng: np.random.Generator) -> Floats:
    """Return 1 where one walks and 0 in the pauses: three or four of two to six minutes."""
    moving = np.ones(int(MINUTES * 60 / EVERY))
    for _pause in range(int(rng.integers(3, 5))):
        begin = int(rng.integers(len(moving)))
        moving[begin : begin + int(rng.integers(120, 360) / EVERY)] = 0
    return moving


def _silences(rng: np.random.Generator, count: int) -> Flags:
    """Return where nothing is recorded: short silences of up to two minutes and one or two of up to twelve."""
    silent = np.zeros(count, bool)
    spans = [*rng.integers(20, 120, 3), *rng.integers(240, 720, int(rng.integers(1, 3)))]
    for seconds in spans:
        begin = int(rng.integers(count))
        silent[begin : begin + int(seconds / EVERY)] = True
    return silent


def _recorded(rng: np.random.Generator, true: Floats) -> tuple[Floats, Floats]:
    """Return the places as recorded and their stated accuracies."""
    count = len(true)
    sigma = float(rng.choice(SIGMAS))
    keeps = np.exp(-EVERY / LASTING)
    error = np.zeros((count, 2))
    error[0] = rng.normal(0, sigma / np.sqrt(2), 2)
    for turn in range(1, count):
        error[turn] = keeps * error[turn - 1] + rng.normal(0, sigma / np.sqrt(2) * np.sqrt(1 - keeps * keeps), 2)
    stated = sigma * rng.lognormal(0.2, 0.3, count)
    for _canyon in range(4):
        begin, last = int(rng.integers(count)), int(rng.integers(40, 120) / EVERY)
        angle, shift = rng.uniform(0, 2 * np.pi), rng.uniform(15, 35)
        error[begin : begin + last] += shift * np.array([np.cos(angle), np.sin(angle)])
        stated[begin : begin + last] = rng.uniform(15, 45)
    wild = np.flatnonzero(rng.random(count) < 0.01)
    angles, far = rng.uniform(0, 2 * np.pi, len(wild)), rng.uniform(40, 300, len(wild))
    error[wild] += np.column_stack([np.cos(angles), np.sin(angles)]) * far[:, None]
    stated[wild] = rng.uniform(10, 120, len(wild))
    return true + error, stated


def _truly(
    path: list[int],
    number_of: dict[frozenset[int], int],
    streets: tuple[tuple[int, int], ...],
    leg: Ints,
    share: Floats,
    sizes: Floats,
    silent: Flags,
) -> dict[int, Spans]:
    """Return of each street what was walked in steps that are not silent."""
    spans: dict[int, list[tuple[float, float]]] = {}
    for turn in range(1, len(leg)):
        if silent[turn] or silent[turn - 1]:
            continue
        for one in {int(leg[turn - 1]), int(leg[turn])}:
            low = share[turn - 1] if leg[turn - 1] == one else 0.0
            high = share[turn] if leg[turn] == one else 1.0
            number = number_of[frozenset((path[one], path[one + 1]))]
            if streets[number][0] != path[one]:
                low, high = 1 - high, 1 - low
            spans.setdefault(number, []).append((low * sizes[one], high * sizes[one]))
    return {number: union(found) for number, found in spans.items()}


def score(setting: Setting, trials: list[Trial], shortest: float = 0.0) -> Score:
    """Return how well the streets of walks are recognised, those of so many metres at least."""
    corners, _beside, streets = town()
    sizes = [float(np.hypot(*np.subtract(corners[one], corners[two]))) for one, two in streets]
    rules = replace(Rules(), accuracy=setting.accuracy, silence=setting.silence)
    said = right = heard = caught = 0
    for one in trials:
        cleaned = clean(one.fixes, START, one.end, Pace(setting.most, WALK.usual), one.end + 1, rules)
        found = walked(lines(), cleaned.lines(), (), WALK, setting.swath).covered
        for number, size in enumerate(sizes):
            if size < shortest:
                continue
            least = setting.enough * size
            is_said = length(found.get(number, ())) >= least
            is_heard = length(one.heard.get(number, ())) >= least
            said += is_said
            right += is_said and length(one.walked.get(number, ())) >= least
            heard += is_heard
            caught += is_said and is_heard
    return Score(said, right, heard, caught)


VARIED: dict[str, tuple[float, ...]] = {
    "accuracy": (20, 35, 50, 80, 120),
    "most": (1.8, 2.5, 3, 4, 6),
    "swath": (8, 12, 15, 18, 22, 30),
    "silence": (60, 120, 300, 600),
    "enough": (0.4, 0.5, 0.6, 0.7, 0.8),
}


def table(trials: list[Trial]) -> Iterator[str]:
    """Yield a line for each value of each setting, the others as they are."""
    yield "| setting | value | precision | recall | F1 |"
    yield "|---|---|---|---|---|"
    for name, values in VARIED.items():
        usual = getattr(Setting(), name)
        for value in values:
            found = score(replace(Setting(), **{name: value}), trials)
            mark = " (in use)" if value == usual else ""
            yield f"| {name} | {value:g}{mark} | {found.precision:.3f} | {found.recall:.3f} | {found.both:.3f} |"


def main() -> None:
    """Print the table of as many walks as are asked for, sixty without a number."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for line in table([trial(seed) for seed in range(count)]):
        print(line, flush=True)


if __name__ == "__main__":
    main()
