"""Finding places by name: candidates from the index in one query, ranked by how well they fit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from grids.models.search import SearchSource
from grids.problems import Problem
from grids.scope import Scope
from grids.search.query import Query
from grids.search.ranking import Match, Name, distance, loosely, score, strictly
from grids.search.statement import FEW, PREAMBLE, Reach, Values, statement


class TooSlow(Problem):
    """The database did not answer in time."""

    status = 503


@dataclass(frozen=True, slots=True)
class Found:
    """A place that fits; `metres` from where the search starts, None where nobody knows where that is."""

    source: str
    id: int
    kind: str
    region_code: str
    name: str
    name_en: str
    lon: float
    lat: float
    box: Sequence[float]
    spelt: Name
    match: Match
    score: float
    metres: float | None


def find(
    query: Query, scope: Scope, near: tuple[float, float] | None = None, kinds: tuple[str, ...] = (), limit: int = 10
) -> list[Found]:
    """Return the places that fit best, best first, in one query; raises TooSlow.

    `near` is longitude and latitude in degrees, by default the middle of the person's grids, else of their regions.
    """
    rows = _candidates(query, Reach(scope, timezone.localdate(), near, kinds), limit)
    found = _ranked(query, rows, strictly)
    if len(found) < FEW:
        found += _ranked(query, rows, loosely, {(row.source, row.id) for row in found})
    return _apart(found)[:limit]


def _candidates(query: Query, reach: Reach, limit: int) -> list[tuple[Any, ...]]:
    values = Values()
    text = PREAMBLE + statement(query, reach, limit, values)
    with connection.cursor() as cursor:
        try:
            # One round trip: the settings hold to the end of the transaction, which without another is this one.
            cursor.execute(text, values.bound)
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise TooSlow(_("The search took too long. Type more of the name.")) from error
            raise
        cursor.nextset()
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _ranked(
    query: Query,
    rows: Iterable[tuple[Any, ...]],
    fit: Callable[[Query, Name], Match | None],
    known: Iterable[tuple[str, int]] = (),
) -> list[Found]:
    """Return the best name of each place that fits, the best place first."""
    best: dict[tuple[str, int], Found] = {}
    taken = set(known)
    for source, key, kind, code, name, name_en, text, spelt, pinyin, sounds, weight, lon, lat, box, east, north in rows:
        if (source, key) in taken:
            continue
        one = Name(text, spelt, pinyin, sounds)
        match = fit(query, one)
        if match is None:
            continue
        metres = None if east is None else distance(lon, lat, east, north)
        worth = score(match.quality, metres, weight)
        kept = best.get((source, key))
        if kept is None or worth > kept.score:
            best[source, key] = Found(source, key, kind, code, name, name_en, lon, lat, box, one, match, worth, metres)
    return sorted(best.values(), key=lambda row: (-row.score, row.name, row.source, row.id))


def _apart(found: Iterable[Found]) -> list[Found]:
    """Leave out the other stretches of a street that stands further up already."""
    seen: set[str] = set()
    kept = []
    for row in found:
        if row.source == SearchSource.STREET:
            if row.name in seen:
                continue
            seen.add(row.name)
        kept.append(row)
    return kept
