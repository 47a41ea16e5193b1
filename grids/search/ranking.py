"""How well a name fits a query, and how good that makes a place. Plain arithmetic, no database.

The score of a place is `quality + 0.10 · closeness + 0.04 · weight / 100`:

- quality, from 0 to 1.06, is what counts. A part of the query is worth *place × fit*. Place: 1 if it is the whole name,
  0.86 at the beginning, 0.78 at the end, 0.74 inside. Fit: 1 letter by letter; by sounds 0.95 × the mean over the
  syllables of 1 (as typed), 0.9 (sounds alike: zh z, ch c, sh s, ng n, l n, f h), 0.55 to 0.9 (only its beginning
  typed), 0.5 (a slip), less 0.15 for a gap; another character of the same sound is worth 0.85
  of that.
  Parts count by their length; one that is left out counts nothing. What of the name is covered adds up to 0.06.
- closeness is 1 / (1 + distance / 1 km), 0 without a place to be close to.
- weight is that of the kind (`grids.search.sources.WEIGHTS`).

So a whole name beats one that begins alike, wherever they are, and of names that fit as well the nearest comes first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import asin, cos, radians, sin, sqrt

from grids.search.query import Query, Unit, Way
from grids.search.spelling import spell

WHOLE, START, END, INSIDE = 1.0, 0.86, 0.78, 0.74
BY_SOUND, ALIKE, BEGUN, SLIP, GAP, OTHER_CHARACTERS = 0.95, 0.9, 0.55, 0.5, 0.15, 0.85
COVERED, CLOSE, WEIGHT = 0.06, 0.10, 0.04
NEAR_METRES = 1_000.0
EARTH_METRES = 6_371_008.8
MOST_GAP = 2


@dataclass(frozen=True)
class Name:
    """A name as the index has it: `pinyin` and `sounds` are syllables joined by spaces."""

    text: str
    key: str
    pinyin: str
    sounds: str

    @cached_property
    def syllables(self) -> list[str]:
        """The syllables."""
        return self.pinyin.split(" ")

    @cached_property
    def folded(self) -> list[str]:
        """The folded syllables."""
        return self.sounds.split(" ")


@dataclass(frozen=True, slots=True)
class Fit:
    """How a way fits a name: its worth, and from where to where of the key or of the sounds."""

    worth: float
    start: int
    end: int
    by_sound: bool


@dataclass(frozen=True, slots=True)
class Match:
    """How a query fits a name."""

    quality: float
    fits: tuple[Fit, ...]


def strictly(query: Query, name: Name) -> Match | None:
    """Return how a name fits a query, all of its parts; None if it does not."""
    fits = _fits(query, name)
    return _match(query, name, fits) if None not in fits else None


def loosely(query: Query, name: Name) -> Match | None:
    """Return how a name fits with one slip, or without one of several parts; None if it does not even then."""
    fits = _fits(query, name)
    best: Match | None = None
    for place, part in enumerate(query.parts):
        rest = [fit for other, fit in enumerate(fits) if other != place]
        if None in rest:
            continue
        slipped = _best(part.slips, name)
        if slipped or query.may_lose(place):
            match = _match(query, name, [*fits[:place], slipped, *fits[place + 1 :]])
            if best is None or match.quality > best.quality:
                best = match
    return best


def score(quality_of_name: float, metres: float | None, weight: int) -> float:
    """Return the score of a place; see the module."""
    closeness = 0.0 if metres is None else 1 / (1 + metres / NEAR_METRES)
    return quality_of_name + CLOSE * closeness + WEIGHT * weight / 100


def distance(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return the metres between two places in degrees, by the haversine formula on the mean sphere (IUGG)."""
    south, north = radians(lat), radians(other_lat)
    across = sin((north - south) / 2) ** 2
    along = cos(south) * cos(north) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(across + along))


def ranges(name: Name, match: Match) -> list[tuple[int, int]]:
    """Return which characters of the name's text a match covers, in order, apart from each other."""
    spelling = spell(name.text)
    if len(spelling.sounds) != len(name.folded):
        spelling = spell(name.text, spoken=True)
    found: list[tuple[int, int]] = []
    for fit in match.fits:
        spans = spelling.sound_spans if fit.by_sound else spelling.key_spans
        found += spans[fit.start : fit.end]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _fits(query: Query, name: Name) -> list[Fit | None]:
    return [_best(part.ways, name) for part in query.parts]


def _match(query: Query, name: Name, fits: list[Fit | None]) -> Match:
    worth = size = covered = 0.0
    for part, fit in zip(query.parts, fits, strict=True):
        size += part.size
        if fit:
            worth += part.size * fit.worth
            covered += (fit.end - fit.start) / len(name.folded if fit.by_sound else name.key)
    if name.key == query.key:
        worth = size
    return Match(worth / size + COVERED * min(1.0, covered), tuple(fit for fit in fits if fit))


def _best(ways: tuple[Way, ...], name: Name) -> Fit | None:
    """Return the fit that is worth most, None without any."""
    found = (_literal(way.key, name.key) if way.key else _sounding(way, name) for way in ways)
    return max((fit for fit in found if fit), key=lambda fit: fit.worth, default=None)


def _literal(key: str, within: str) -> Fit | None:
    """Return how a key fits inside of a name's; a number does not begin inside of another."""
    best: Fit | None = None
    at = within.find(key)
    while at >= 0:
        if not (key[0].isdigit() and at and within[at - 1].isdigit()):
            end = at + len(key)
            longer = key[-1].isdigit() and within[end : end + 1].isdigit()
            worth = _place(at, end, len(within)) * (0.9 if longer else 1.0)
            if best is None or worth > best.worth:
                best = Fit(worth, at, end, False)
        at = within.find(key, at + 1)
    return best


@lru_cache(maxsize=512)
def _pattern(way: Way) -> re.Pattern[str]:
    return re.compile(way.pattern)


def _sounding(way: Way, name: Name) -> Fit | None:
    if not _pattern(way).search(name.sounds):
        return None
    best: Fit | None = None
    for start in range(len(name.folded)):
        for end, fit in _runs(way, name, start):
            worth = _place(start, end, len(name.folded)) * BY_SOUND * max(0.05, fit)
            if best is None or worth > best.worth:
                best = Fit(worth, start, end, True)
    return best


def _runs(way: Way, name: Name, start: int) -> Iterator[tuple[int, float]]:
    """Yield the ends of the way's runs that begin at a syllable, with their mean fit."""
    ways = [(start, 0.0)]
    count = gaps = 0
    for unit in way.row:
        if unit is None:
            gaps += 1
            ways = [(at + skip, worth) for at, worth in ways for skip in range(MOST_GAP + 1)]
            continue
        count += 1
        ways = [
            (at + 1, worth + _unit(unit, name.syllables[at]))
            for at, worth in ways
            if at < len(name.folded) and name.folded[at] in unit.options
        ]
        if not ways:
            return
    for end, worth in ways:
        yield end, worth / (count + way.lost) - GAP * gaps


def _unit(unit: Unit, pinyin: str) -> float:
    # Where the characters were the same the way by letters is worth more: here another one was typed.
    worth = OTHER_CHARACTERS if unit.character and not unit.typed.isdigit() else 1.0
    if unit.typed == pinyin:
        return worth
    if pinyin.startswith(unit.typed):
        return worth * (BEGUN + (ALIKE - BEGUN) * (len(unit.typed) - 1) / len(pinyin))
    return worth * (SLIP if unit.slip else ALIKE)


def _place(start: int, end: int, length: int) -> float:
    if start == 0:
        return WHOLE if end == length else START
    return END if end == length else INSIDE
