"""Which column means what: by its heading in Chinese or English, and by what its cells look like."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from grids.lists import cells as reading
from grids.lists.kinds import FIELDS, Field
from grids.lists.saying import Unfit
from grids.lists.tables import Cell, cell, plain, shown
from grids.models.lists import ListKind

_PRIVATE_HEADING = re.compile(
    r"身份证|证件号|户主|居民姓名|家庭成员|出生|银行|社保|idcard|passport|household ?head|resident", re.IGNORECASE
)
_PHONE_HEADING = re.compile(r"电话|手机|联系方式|phone|mobile|^tel", re.IGNORECASE)
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_ID_NUMBER = re.compile(r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]")
_LOOKED_AT = 200
ALL_HEADINGS = frozenset(heading for fields in FIELDS.values() for field in fields for heading in field.headings)


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its heading and the first of its cells that are not empty."""

    index: int
    heading: str
    sample: tuple[Cell, ...]


def known(heading: str) -> bool:
    """Whether a heading is one of any kind of list."""
    return plain(heading) in ALL_HEADINGS or bool(_PHONE_HEADING.search(heading) or _PRIVATE_HEADING.search(heading))


def columns_of(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Column]:
    """Return the columns of a table with samples of their cells."""
    return [
        Column(
            index,
            heading,
            tuple(value for row in rows[:_LOOKED_AT] if shown(value := cell(row, index))),
        )
        for index, heading in enumerate(headings)
    ]


def private(columns: Sequence[Column], kind: str) -> list[int]:
    """Return the columns that are not taken at all: identity numbers, residents, and telephone numbers of places."""
    return [
        column.index
        for column in columns
        if _PRIVATE_HEADING.search(column.heading)
        or _share(column.sample, _is_id_number) >= 0.3
        or (
            kind != ListKind.PEOPLE
            and (_PHONE_HEADING.search(column.heading) or _share(column.sample, _is_mobile) >= 0.5)
        )
    ]


def guess(kind: str, columns: Sequence[Column]) -> dict[str, int]:
    """Return the column of each field that was found, the surest pairs first and no column twice."""
    pairs = sorted(
        (
            (score, -column.index, field.name)
            for field in FIELDS[kind]
            for column in columns
            if (score := _score(field, column)) > 0
        ),
        reverse=True,
    )
    found: dict[str, int] = {}
    for _sureness, index, name in pairs:
        if name not in found and -index not in found.values():
            found[name] = -index
    if "position" in found and {"lon", "lat"} <= found.keys():
        del found["position"]
    return found


def fingerprint(headings: Sequence[str]) -> str:
    """Return a short name of a set of headings: the same columns in another order have the same."""
    words = "\n".join(sorted(plain(heading) for heading in headings))
    return blake2b(words.encode(), digest_size=12).hexdigest()


def remembered(columns: Mapping[str, str], headings: Sequence[str]) -> dict[str, int]:
    """Return a mapping by headings as one by places in this list."""
    places = {plain(heading): index for index, heading in reversed(list(enumerate(headings)))}
    return {field: places[plain(heading)] for field, heading in columns.items() if plain(heading) in places}


def _score(field: Field, column: Column) -> float:
    named = max(_named(field, part) for part in [column.heading, *column.heading.split(" / ")])
    looks = _LOOKS.get(field.name)
    if looks is None or not column.sample:
        return named
    like = _share(column.sample, looks)
    if like < 0.3:
        return 0  # whatever it is called, it holds something else
    return named + 10 * like if named else (40 * like if field.name in _SURE_BY_LOOKS and like > 0.8 else 0)


def _named(field: Field, heading: str) -> float:
    word = plain(heading)
    if not word:
        return 0
    if word in field.headings:
        return 100 - field.headings.index(word) * 0.5
    long = [each for each in field.headings if len(each) > 1 and not each.isascii()]
    if any(word.endswith(each) for each in long):
        return 60
    if any(each in word for each in long):
        return 45
    return 0


def _share(sample: Sequence[Cell], looks: Callable[[Cell], bool]) -> float:
    return sum(map(looks, sample)) / len(sample) if sample else 0


def _is_mobile(value: Cell) -> bool:
    return bool(_MOBILE.fullmatch(re.sub(r"[\s-]", "", shown(value))))


def _is_id_number(value: Cell) -> bool:
    return bool(_ID_NUMBER.fullmatch(shown(value)))


def _reads(read: Callable[[Cell], object]) -> Callable[[Cell], bool]:
    def looks(value: Cell) -> bool:
        try:
            return read(value) is not None
        except Unfit:
            return False

    return looks


def _is_degrees(value: Cell) -> bool:
    # Swapped columns are looked at later: any number that could be a coordinate will do.
    try:
        number = reading.degrees(value)
    except Unfit:
        return False
    return number is not None and abs(number) >= 1


def _no_number(value: Cell) -> bool:
    return isinstance(value, str) and not re.fullmatch(r"[\d.,\s-]+", value)


_LOOKS: dict[str, Callable[[Cell], bool]] = {
    "lon": _is_degrees,
    "lat": _is_degrees,
    "position": _reads(reading.position),
    "households": _reads(lambda value: reading.whole(value, 100_000)),
    "since": _reads(reading.day),
    "phone": lambda value: bool(re.fullmatch(r"[+\d][\d\s()-]{4,18}", shown(value))),
    "owner": _no_number,
}
_SURE_BY_LOOKS = frozenset({"position"})
