"""What somebody typed, read as the ways in which a name may fit it. No database here.

A query is cut into parts (锦园3号楼: 锦园 and 3号楼), all of which a name must hold. A part fits in one of several
ways: letter by letter, or as a row of sounds. Each unit of such a row allows some folded syllables; a gap allows up
to two.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product

from grids.search.spelling import Piece, Spelling, spell
from grids.search.syllables import (
    INITIALS,
    SYLLABLES,
    beginning_with,
    fold,
    meant_by,
    numbers_of,
    split,
    split_mixed,
    split_wrong,
)

LONGEST = 60
MOST_VARIANTS = 6
MOST_LOOSE = 12
MOST_INITIALS = 10
# 12-3-402 and 12号楼3单元402: building, entrance, flat. No flat is a place of ours.
_DOOR = re.compile(r"(?<![\d-])(\d{1,3})\s*[-–—－/]\s*(\d{1,2})(?:\s*[-–—－/]\s*\d{3,4})?\s*室?\s*$")
_FLAT = re.compile(r"((?:单元|号楼|栋|幢)\s*)\d{3,4}\s*室?\s*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One syllable of a way; `typed` is what was typed of it, `options` the folded sounds it may be.

    `character` says that a Chinese character was typed, and not its sound.
    """

    typed: str
    options: frozenset[str]
    slip: bool = False
    character: bool = False

    def fits(self, sound: str) -> bool:
        """Whether a folded syllable of a name is one of the options."""
        return sound in self.options


Row = tuple[Unit | None, ...]  # None is a gap of up to two syllables


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a part may fit: its key inside of a name's key, or a row of sounds inside of its sounds."""

    key: str = ""
    row: Row = ()
    penalty: int = 0

    @property
    def pattern(self) -> str:
        """The way as a POSIX regular expression, for the key or for the folded sounds joined by spaces."""
        if self.key:
            # 3号楼 is no part of 13号楼, though 1 may become 13.
            return f"(?:^|[^0-9]){self.key}" if self.key[0].isdigit() else self.key
        return f"(?:^| ){self.words}(?: |$)"

    @property
    def words(self) -> str:
        """The row as a regular expression without its ends."""
        text, open_gap = "", False
        for unit in self.row:
            if unit is None:
                open_gap = True
                continue
            text += ("(?: [^ ]+){0,2} " if open_gap else " ") if text else ""
            text += _alternatives(unit)
            open_gap = False
        return text

    @property
    def length(self) -> int:
        """How many units count."""
        return len(self.key) or sum(unit is not None for unit in self.row)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query with the ways in which it fits, the likeliest first."""

    ways: tuple[Way, ...]
    loose: tuple[Way, ...] = ()
    size: int = 1


Variant = tuple[Way | None, ...]  # a way for each part; None is a part that is left out


@dataclass(frozen=True)
class Query:
    """Something typed, read."""

    key: str
    parts: tuple[Part, ...]

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """The ways of all parts together, the likeliest first."""
        every = sorted(product(*(part.ways for part in self.parts)), key=_penalty)
        return tuple(every[:MOST_VARIANTS])

    @cached_property
    def loose(self) -> tuple[Variant, ...]:
        """What is looked for when hardly anything fits: one part with a slip, or without one of several parts."""
        return tuple(islice(self._loosened(), MOST_LOOSE))

    def _loosened(self) -> Iterator[Variant]:
        firm = [part.ways[0] for part in self.parts]
        for place, part in sorted(enumerate(self.parts), key=lambda entry: -entry[1].size):
            for way in part.loose:
                yield (*firm[:place], way, *firm[place + 1 :])
        if len(self.parts) > 1:
            for place in reversed(range(len(self.parts))):
                rest = sum(part.size for other, part in enumerate(self.parts) if other != place)
                if rest > 1:
                    for variant in self.variants[:2]:
                        yield (*variant[:place], None, *variant[place + 1 :])


def read_query(text: str) -> Query | None:
    """Return a query read from what was typed; None if there is no letter, digit or character in it."""
    line = unicodedata.normalize("NFKC", text)[:LONGEST]
    line = _DOOR.sub(r"\1号楼\2单元", line)
    line = _FLAT.sub(r"\1", line)
    spelling = spell(line)
    parts = tuple(_part(pieces) for pieces in _cut(spelling, line))
    return Query(spelling.key, parts) if parts else None


def _cut(spelling: Spelling, line: str) -> Iterator[tuple[Piece, ...]]:
    """Cut a query at spaces and before numbers; pinyin with a space after each syllable stays in one piece."""
    pieces = spelling.pieces
    start = 0
    for place in range(1, len(pieces)):
        piece, before = pieces[place], pieces[place - 1]
        if _is_pinyin(before) and _is_pinyin(piece) and (not piece.joined):
            continue
        if not piece.joined or (piece.key.isdigit() and not before.key.isdigit()):
            yield pieces[start:place]
            start = place
    if pieces:
        yield pieces[start:]


def _part(pieces: tuple[Piece, ...]) -> Part:
    spelling = Spelling(pieces)
    ways = [Way(key=spelling.key)]
    latin = any(_is_latin(piece) for piece in pieces)
    chinese = any(not _is_latin(piece) and not piece.key.isdigit() for piece in pieces)
    rows = list(_rows(pieces)) if latin or chinese else []
    for penalty, row in rows:
        ways.append(Way(row=row, penalty=penalty))
    ways = [way for way in ways if way.key or way.row]
    return Part(tuple(dict.fromkeys(ways)), tuple(_slips(pieces, rows)), _size(spelling))


def _size(spelling: Spelling) -> int:
    return max(1, len(spelling.pinyin))


def _rows(pieces: tuple[Piece, ...]) -> Iterator[tuple[int, Row]]:
    """Yield the ways to read pieces as sounds with their penalty."""
    readings = [list(_readings(piece, last=place == len(pieces) - 1)) for place, piece in enumerate(pieces)]
    for chosen in islice(product(*readings), 6):
        yield sum(penalty for penalty, _row in chosen) + 1, tuple(unit for _penalty, row in chosen for unit in row)


def _readings(piece: Piece, *, last: bool) -> Iterator[tuple[int, Row]]:
    if not _is_latin(piece):
        yield 0, tuple(Unit(sound, frozenset({fold(sound)}), character=True) for sound in piece.sounds)
        return
    letters = piece.key
    whole = split(letters)
    for penalty, path in enumerate(whole):
        yield penalty, _units(path, last)
    if not whole:
        mixed = split_mixed(letters)[:1]
        if mixed and len(mixed[0]) < len(letters):
            yield 1, _units(mixed[0], last)
    if 1 < len(letters) <= MOST_INITIALS and set(letters) <= INITIALS:
        yield 3, tuple(_initial(letter) for letter in letters)
    if not letters.isascii() or not (whole or split_mixed(letters)):
        yield 4, (Unit(letters, frozenset({letters})),)


def _units(path: tuple[str, ...], last: bool) -> Row:
    """Return the units of a reading; the last syllable may still become a longer one."""
    ends = len(path) - 1
    return tuple(
        _initial(piece) if piece not in SYLLABLES and not (last and place == ends and len(piece) > 1)
        else _syllable(piece, growing=last and place == ends)
        for place, piece in enumerate(path)
    )  # fmt: skip


def _syllable(piece: str, *, growing: bool) -> Unit:
    options = beginning_with(piece) if growing else frozenset({fold(piece)})
    return Unit(piece, options | {fold(piece)} | numbers_of(piece) if piece in SYLLABLES else options)


def _initial(letters: str) -> Unit:
    return Unit(letters, frozenset(sound for sound in beginning_with(letters)))


def _slips(pieces: tuple[Piece, ...], rows: list[tuple[int, Row]]) -> Iterator[Way]:
    """Yield the ways with one slip: a misspelt syllable, then a wrong, missing or extra one."""
    if len(pieces) == 1 and _is_latin(pieces[0]) and pieces[0].key.isascii():
        for path in split_wrong(pieces[0].key)[:2]:
            slipped = tuple(_slipped(piece) for piece in path)
            if any(unit.slip for unit in slipped):
                yield Way(row=slipped, penalty=5)
    if not rows:
        return
    row = rows[0][1]
    if any(_is_latin(piece) for piece in pieces):
        for place, unit in enumerate(row):
            near = {fold(sound) for sound in meant_by(unit.typed)} if unit else set()
            if unit and near and unit.typed in SYLLABLES:
                changed = replace(unit, options=unit.options | near, slip=True)
                yield Way(row=(*row[:place], changed, *row[place + 1 :]), penalty=6)
    if len(row) > 2:
        for place in range(len(row)):
            rest = (*row[:place], None, *row[place + 1 :])
            yield Way(row=rest[1:] if place == 0 else rest[:-1] if place == len(row) - 1 else rest, penalty=7)


def _slipped(piece: str) -> Unit:
    if piece in SYLLABLES:
        return _syllable(piece, growing=False)
    return Unit(piece, frozenset(fold(sound) for sound in meant_by(piece)), slip=True)


def _penalty(variant: Iterable[Way]) -> int:
    return sum(way.penalty for way in variant)


def _alternatives(unit: Unit) -> str:
    options = sorted(unit.options)
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _is_latin(piece: Piece) -> bool:
    return piece.key.isalpha() and piece.key[0] < "\u2e80"


def _is_pinyin(piece: Piece) -> bool:
    return _is_latin(piece) and bool(split(piece.key))
