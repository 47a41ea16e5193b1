"""Stretches of a line as spans of measure: sorted, disjoint pairs of metres from the line's beginning."""

from collections.abc import Iterable

Span = tuple[float, float]
Spans = tuple[Span, ...]


def union(spans: Iterable[Span]) -> Spans:
    """Return the union of spans in any order; spans that touch become one, those without length are dropped."""
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(span for span in joined if span[1] > span[0])


def without(spans: Spans, others: Spans) -> Spans:
    """Return what of the spans lies in none of the others; both sorted and disjoint."""
    left: list[Span] = []
    for low, high in spans:
        at = low
        for one, two in others:
            if two <= at or one >= high:
                continue
            if one > at:
                left.append((at, one))
            at = max(at, two)
        if at < high:
            left.append((at, high))
    return tuple(left)


def within(spans: Spans, others: Spans) -> Spans:
    """Return what of the spans lies in one of the others too; both sorted and disjoint."""
    shared = [(max(low, one), min(high, two)) for low, high in spans for one, two in others if one < high and two > low]
    return union(shared)


def length(spans: Spans) -> float:
    """Return how many metres the spans have together."""
    return sum(high - low for low, high in spans)
