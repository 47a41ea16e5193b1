"""What somebody typed, read as the ways in which a name may fit it. No database here.

A query is cut into parts (锦园3号楼: 锦园 and 3号楼), all of which a name must hold. A part fits in one of several
ways: letter by letter, or as a row of sounds. Each unit of such a row allows some folded syllables; a gap allows up
to two.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
MOST_PARTS = 6
MOST_ROWS = 4
MOST_SLIPS = 12
MOST_INITIALS = 10
MOST_OPTIONS = 4  # with more it is an initial, and not a syllable
# 12-3-402 and 12号楼3单元402: building, entrance, flat. No flat is a place of ours.
_DOOR = re.compile(r"(?<![\d-])(\d{1,3})\s*[-–—－/]\s*(\d{1,2})(?:\s*[-–—－/]\s*\d{3,4})?\s*室?\s*$")
_FLAT = re.compile(r"((?:单元|号楼|栋|幢)\s*)\d{3,4}\s*室?\s*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One syllable of a way; `typed` is what was typed of it, `options` the folded sounds it may be.

    `character` says that a Chinese character was typed and not its sound, `slip` that what was typed is misspelt.
    """

    typed: str
    options: frozenset[str]
    slip: bool = False
    character: bool = False


Row = tuple[Unit | None, ...]  # None is a gap of up to two syllables


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a part may fit: its key inside of a name's key, or a row of sounds inside of its sounds."""

    key: str = ""
    row: Row = ()
    lost: int = 0  # units of the part for which the row has none

    @property
    def pattern(self) -> str:
        """The way as a regular expression, for the key or for the folded sounds joined by spaces."""
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


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query with the ways in which it fits, the likeliest first, and those with one slip."""

    ways: tuple[Way, ...]
    slips: tuple[Way, ...] = ()
    size: int = 1


@dataclass(frozen=True, slots=True)
class Query:
    """Something typed, read."""

    key: str
    parts: tuple[Part, ...]

    def may_lose(self, place: int) -> bool:
        """Whether the query still says something without one of its parts."""
        return len(self.parts) > 1 and sum(part.size for part in self.parts) - self.parts[place].size > 1


def read_query(text: str) -> Query | None:
    """Return a query read from what was typed; None if there is no letter, digit or character in it."""
    line = unicodedata.normalize("NFKC", text)[:LONGEST]
    line = _DOOR.sub(r"\1号楼\2单元", line)
    line = _FLAT.sub(r"\1", line)
    spelling = spell(line)
    parts = tuple(_part(pieces) for pieces in islice(_cut(spelling), MOST_PARTS))
    return Query(spelling.key, parts) if parts else None


def _cut(spelling: Spelling) -> Iterator[tuple[Piece, ...]]:
    """Cut a query at spaces and before numbers; pinyin with a space after each syllable stays in one part."""
    pieces = spelling.pieces
    start = 0
    for place in range(1, len(pieces)):
        piece, before = pieces[place], pieces[place - 1]
        if not piece.joined and _is_pinyin(before) and _is_pinyin(piece):
            continue
        if not piece.joined or (piece.key.isdigit() and not before.key.isdigit()):
            yield pieces[start:place]
            start = place
    if pieces:
        yield pieces[start:]


def _part(pieces: tuple[Piece, ...]) -> Part:
    spelling = Spelling(pieces)
    rows = list(_rows(pieces)) if not all(piece.key.isdigit() for piece in pieces) else []
    ways = (Way(key=spelling.key), *(Way(row=row) for row in rows))
    slips = dict.fromkeys(islice(_slips(pieces, rows), MOST_SLIPS)) if rows else {}
    return Part(tuple(dict.fromkeys(ways)), tuple(slips), max(1, len(rows[0]) if rows else len(pieces)))


def _rows(pieces: tuple[Piece, ...]) -> Iterator[Row]:
    """Yield the ways to read pieces as sounds, the likeliest first."""
    readings = [list(_readings(piece, last=place == len(pieces) - 1)) for place, piece in enumerate(pieces)]
    for chosen in islice(product(*readings), MOST_ROWS):
        yield tuple(unit for row in chosen for unit in row)


def _readings(piece: Piece, *, last: bool) -> Iterator[Row]:
    if not _is_latin(piece):
        yield tuple(Unit(sound, frozenset({fold(sound)}), character=True) for sound in piece.sounds)
        return
    letters = piece.key
    whole = split(letters)
    for path in whole:
        yield _units(path, last)
    mixed = () if whole else split_mixed(letters)[:1]
    for path in mixed:
        if len(path) < len(letters):
            yield _units(path, last)
    if 1 < len(letters) <= MOST_INITIALS and set(letters) <= INITIALS:
        yield tuple(_initial(letter) for letter in letters)
    elif not whole and not mixed:
        yield (Unit(letters, frozenset({letters})),)


def _units(path: tuple[str, ...], last: bool) -> Row:
    """Return the units of a reading; the last syllable may still become a longer one."""
    ends = len(path) - 1
    return tuple(
        _syllable(piece, growing=last and place == ends)
        if piece in SYLLABLES or (last and place == ends and len(piece) > 1)
        else _initial(piece)
        for place, piece in enumerate(path)
    )


def _syllable(piece: str, *, growing: bool) -> Unit:
    options = beginning_with(piece) if growing else frozenset({fold(piece)})
    return Unit(piece, options | numbers_of(piece))


def _initial(letters: str) -> Unit:
    return Unit(letters, beginning_with(letters))


def _slips(pieces: tuple[Piece, ...], rows: list[Row]) -> Iterator[Way]:
    """Yield the ways with one slip: a misspelt syllable, then a wrong, missing or extra one."""
    if len(pieces) == 1 and _is_latin(pieces[0]) and pieces[0].key.isascii():
        for path in split_wrong(pieces[0].key)[:2]:
            slipped = tuple(_slipped(piece) for piece in path)
            if any(unit.slip for unit in slipped):
                yield Way(row=slipped)
    row = rows[0]
    for place, unit in enumerate(row):
        if unit and not unit.character and unit.typed in SYLLABLES and len(row) < 5:
            near = frozenset(fold(sound) for sound in meant_by(unit.typed))
            changed = replace(unit, options=unit.options | near, slip=True)
            yield Way(row=(*row[:place], changed, *row[place + 1 :]))
    if all(len(unit.options) > MOST_OPTIONS for unit in row if unit):
        # Initials say little: with a hole in them they would fit half of all names.
        if len(row) > 3:
            yield Way(row=(None, *row[1:]), lost=1)
            yield Way(row=(*row[:-1], None), lost=1)
    elif len(row) > 2:
        # Another number is another place.
        for place in (place for place, unit in enumerate(row) if unit and not unit.typed.isdigit()):
            yield Way(row=(*row[:place], None, *row[place + 1 :]), lost=1)
        for place in range(1, len(row)):
            yield Way(row=(*row[:place], None, *row[place:]))


def _slipped(piece: str) -> Unit:
    if piece in SYLLABLES:
        return _syllable(piece, growing=False)
    return Unit(piece, frozenset(fold(sound) for sound in meant_by(piece)), slip=True)


def _alternatives(unit: Unit) -> str:
    options = sorted(unit.options)
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _is_latin(piece: Piece) -> bool:
    return piece.key.isalpha() and piece.key[0] < "\u2e80"


def _is_pinyin(piece: Piece) -> bool:
    return _is_latin(piece) and bool(split(piece.key))
