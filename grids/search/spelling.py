"""A name or a query brought into the form in which both are compared.

The key is the text without case, width and punctuation, with numbers in digits (三号楼, 3栋 and 3# are 3号楼);
sounds are its syllables. Both keep where in the text they come from, so that what matched can be shown.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grids.search.readings import read
from grids.search.syllables import fold

Span = tuple[int, int]
_DIGITS = {character: digit for digit, character in enumerate("零一二三四五六七八九")} | {"〇": 0}
_HAN_NUMBER = re.compile("[零〇一二三四五六七八九十百]+")
_TENS = re.compile("(?:([一二三四五六七八九])百)?(?:零|(?:([一二三四五六七八九])?(十)))?([一二三四五六七八九])?")
_BUILDING = "号楼"
_BUILDING_MARKS = ("号楼", "栋", "幢", "#楼", "#")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: one character, a number or a word in letters; `sounds` has several if 三十 is spoken."""

    key: str
    sounds: tuple[str, ...]
    span: Span
    spans: tuple[Span, ...]
    joined: bool  # nothing stands between it and the piece before


@dataclass(frozen=True)
class Spelling:
    """A text in its comparable form."""

    pieces: tuple[Piece, ...]

    @cached_property
    def key(self) -> str:
        """The text as compared letter by letter."""
        return "".join(self._key_parts())

    @cached_property
    def pinyin(self) -> tuple[str, ...]:
        """The syllables; numbers and words in letters stand for themselves."""
        return tuple(sound for piece in self.pieces for sound in piece.sounds)

    @cached_property
    def sounds(self) -> tuple[str, ...]:
        """The syllables without what many speakers do not tell apart."""
        return tuple(map(fold, self.pinyin))

    @cached_property
    def initials(self) -> str:
        """The first letters of the syllables; numbers whole."""
        return "".join(map(initial, self.sounds))

    @cached_property
    def key_spans(self) -> tuple[Span, ...]:
        """For each character of the key where in the text it comes from."""
        spans: list[Span] = []
        for part, piece in zip(self._key_parts(), self.pieces, strict=True):
            start, end = piece.span
            # A character for a character, unless a number was written in other words or 栋 for 号楼.
            each = [(at, at + 1) for at in range(start, end)] if end - start == len(piece.key) else []
            spans += [piece.span] * (len(part) - len(piece.key)) + (each or [piece.span] * len(piece.key))
        return tuple(spans)

    @cached_property
    def sound_spans(self) -> tuple[Span, ...]:
        """For each syllable where in the text it comes from."""
        return tuple(span for piece in self.pieces for span in piece.spans)

    def _key_parts(self) -> Iterator[str]:
        before = ""
        for piece in self.pieces:
            apart = not piece.joined and before[-1:].isalnum() and before.isascii() and piece.key.isascii()
            yield f" {piece.key}" if before and apart else piece.key
            before = piece.key


def initial(sound: str) -> str:
    """Return the letter a syllable begins with; a number is itself, so that 3hl finds 3号楼."""
    return sound if sound.isdigit() else sound[:1]


def spell(text: str, pinyin: Sequence[str] | None = None, *, spoken: bool = False) -> Spelling:
    """Return the comparable form of a text; `pinyin` is one syllable a character where another reading is meant.

    A number sounds as its digits; `spoken` gives one in Chinese characters its syllables instead.
    """
    plain = [unicodedata.normalize("NFKC", character).casefold() or " " for character in text]
    line = "".join(character if len(character) == 1 else character[:1] for character in plain)
    sounds = list(pinyin) if pinyin is not None else read(line)
    pieces = tuple(_pieces(line, sounds))
    return Spelling(pieces if spoken else tuple(map(_in_digits, pieces)))


def _in_digits(piece: Piece) -> Piece:
    if not piece.key.isdigit():
        return piece
    return replace(piece, sounds=(piece.key,), spans=(piece.span,))


def _pieces(line: str, sounds: Sequence[str]) -> Iterator[Piece]:
    at, end_before, after_number = 0, -1, False
    while at < len(line):
        mark = next((mark for mark in _BUILDING_MARKS if after_number and line.startswith(mark, at)), "")
        if mark:
            yield from _building(at, at + len(mark))
            at = end_before = at + len(mark)
            after_number = False
            continue
        end, piece = _piece_at(line, at, sounds, joined=at == end_before)
        if piece:
            yield piece
            end_before = end
        after_number = bool(piece and piece.key.isdigit() and end_before == end)
        at = end


def _piece_at(line: str, at: int, sounds: Sequence[str], *, joined: bool) -> tuple[int, Piece | None]:
    """Return where the piece that begins at a place ends, and the piece; None for what does not count."""
    character = line[at]
    number = _han_number(line, at)
    if number:
        value, end = number
        singles = tuple((place, place + 1) for place in range(at, end))
        return end, Piece(value, tuple(sounds[at:end]), (at, end), singles, joined)
    if not character.isalnum():
        return at + 1, None
    if character.isdigit() or _is_letter(character):
        end = at + 1
        same = str.isdigit if character.isdigit() else _is_letter
        while end < len(line) and same(line[end]):
            end += 1
        word = line[at:end]
        return end, Piece(word, (word,), (at, end), ((at, end),), joined)
    return at + 1, Piece(character, (sounds[at],), (at, at + 1), ((at, at + 1),), joined)


def _building(start: int, end: int) -> Iterator[Piece]:
    """Return the two pieces of 号楼 for whatever mark of a building stands there."""
    middle = start + 1 if end - start > 1 else end
    first = (start, middle)
    second = (middle if end - start > 1 else start, end)
    yield Piece(_BUILDING[0], ("hao",), first, (first,), True)
    yield Piece(_BUILDING[1], ("lou",), second, (second,), True)


def _han_number(line: str, at: int) -> tuple[str, int] | None:
    """Return a number written in Chinese at a place as digits, and where it ends: 十二 is 12, 二〇二 is 202."""
    run = _HAN_NUMBER.match(line, at)
    if not run:
        return None
    text = run[0]
    if not set(text) & set("十百"):
        return "".join(str(_DIGITS[character]) for character in text), run.end()
    tens = _TENS.match(text)
    if tens and tens.end():
        hundreds, many, ten, ones = tens.groups()
        value = 100 * _DIGITS.get(hundreds, 0) + 10 * (_DIGITS.get(many, 1) if ten else 0) + _DIGITS.get(ones, 0)
        return str(value), at + tens.end()
    return None


def _is_letter(character: str) -> bool:
    """Whether a character belongs to a word in letters; Chinese ones stand for themselves."""
    return character.isalpha() and not "\u2e80" <= character <= "\U0003ffff"
