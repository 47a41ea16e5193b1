"""A against B, turn by turn, so that whatever else the machine does hits both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Work = Callable[[], float]


@dataclass(frozen=True)
class Ratio:
    """How many times as long A takes as B: the median of the rounds' ratios, their extremes, the medians in seconds."""

    middle: float
    low: float
    high: float
    a: float
    b: float


def compare(a: Work, b: Work, rounds: int = 9, turns: int = 12) -> Ratio:
    """Measure A and B in rounds; in each they take turns, and each is worth the median of its turns."""
    for _warm_up in range(3):
        a()
        b()
    ratios: list[float] = []
    all_a: list[float] = []
    all_b: list[float] = []
    for turn in range(rounds):
        times_a: list[float] = []
        times_b: list[float] = []
        for _again in range(turns):
            # Whoever comes second may find warmer caches: they change places every round.
            for work, times in ((a, times_a), (b, times_b))[:: 1 if turn % 2 else -1]:
                times.append(work())
        ratios.append(median(times_a) / median(times_b))
        all_a += times_a
        all_b += times_b
    return Ratio(median(ratios), min(ratios), max(ratios), median(all_a), median(all_b))


@dataclass(frozen=True)
class Row:
    """One line of the table; `goal` is the largest figure that passes."""

    work: str
    figure: float
    goal: float
    detail: str
    unit: str = "×"

    @property
    def passes(self) -> bool:
        """Whether the goal is met."""
        return self.figure <= self.goal

    def __str__(self) -> str:
        mark = "pass" if self.passes else "FAIL"
        return f"| {self.work} | {self.figure:.4g} {self.unit} | ≤ {self.goal:g} {self.unit} | {mark} | {self.detail} |"


def row_of(work: str, ratio: Ratio, goal: float, against: str) -> Row:
    """Return the line of a ratio."""
    detail = f"{ratio.a * 1e3:.2f} ms against {ratio.b * 1e3:.2f} ms {against}; {ratio.low:.2f}–{ratio.high:.2f}"
    return Row(work, ratio.middle, goal, detail)
