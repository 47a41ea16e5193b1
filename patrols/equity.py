"""How evenly what was walked is spread over grids: pure numbers, never about people."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

# Of fewer grids a measure of spread says nothing.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, middle and largest of `count` values, and how unequal they are from 0 (all alike) to 1.

    All but the count are None where there are fewer than `FEWEST` values, `gini` also where nothing was walked at all.
    """

    count: int
    least: float | None = None
    median: float | None = None
    most: float | None = None
    gini: float | None = None


def spread(shares: Iterable[tuple[float, float]]) -> Spread:
    """Return the spread of amounts over their bases, such as metres walked over households; bases of 0 are left out."""
    pairs = sorted(((amount, base) for amount, base in shares if base > 0), key=lambda pair: pair[0] / pair[1])
    if len(pairs) < FEWEST:
        return Spread(len(pairs))
    rates = [amount / base for amount, base in pairs]
    return Spread(len(rates), rates[0], statistics.median(rates), rates[-1], gini(pairs))


def gini(pairs: list[tuple[float, float]]) -> float | None:
    """Return the Gini coefficient of amounts over bases, given by rising rate; None if all amounts are 0.

    One less the sum over neighbours of the difference of the cumulated shares of bases times the sum of the cumulated
    shares of amounts: M. C. Brown, “Using Gini-style indices to evaluate the spatial patterns of health practitioners”,
    Social Science & Medicine 38 (1994), 1243-1256.
    """
    amounts, bases = sum(amount for amount, _base in pairs), sum(base for _amount, base in pairs)
    if amounts <= 0:
        return None
    total = below = 0.0
    for amount, base in pairs:
        share = below + amount / amounts
        total += base / bases * (share + below)
        below = share
    return min(1.0, max(0.0, 1.0 - total))
