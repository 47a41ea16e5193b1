"""What a cell means: text, whole number, day, degrees. Numbers may be text, digits full-width, days Excel's count."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from grids.lists.saying import Unfit, gettext_noop
from grids.lists.tables import Cell, shown

_WIDE = {code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
_WIDE[0x3000] = 0x20
_EXCEL_BEGAN = date(
    1899, 12, 30
)  # Excel takes 1900 for a leap year: counted from here, days after February 1900 are right
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119: smaller numbers are no days in such lists
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[\sT].*)?")
_EIGHT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_WHOLE = re.compile(r"(\d{1,12})(?:\.0*)?(?:户|层|人|栋|个|块)?")
_NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
_DECIMAL = re.compile(_NUMBER)
_PARTS = re.compile(
    r"(?P<degrees>\d{1,3}(?:\.\d+)?)\s*[°度d]\s*(?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['′’分m]\s*)?"
    r"(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|′′|秒|s)?)?"
)
_SIDE = re.compile(r"东经|西经|北纬|南纬|[EWNS]|经度|纬度|lng|lon|lat|[:：=]", re.IGNORECASE)
_NEGATIVE = re.compile(r"西经|南纬|^[WS]|[WS]$", re.IGNORECASE)
Pair = tuple[float, float]


def text(value: Cell, most: int) -> str:
    """Return a cell as one line, letters and digits at their usual width; raise if it is longer than `most`."""
    line = shown(value).translate(_WIDE).strip()
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in line):
        raise Unfit(gettext_noop("It holds characters that are not text."))
    if len(line) > most:
        raise Unfit(gettext_noop("It has more than %(most)s characters."), most=most)
    return line


def whole(value: Cell, most: int) -> int | None:
    """Return a cell as a whole number from 0 to `most`; absent is None."""
    written = _even(value).replace(",", "").replace(" ", "")
    if not written:
        return None
    match = _WHOLE.fullmatch(written)
    if not match or int(match[1]) > most:
        raise Unfit(
            gettext_noop("“%(value)s” is not a whole number from 0 to %(most)s."), value=written[:40], most=most
        )
    return int(match[1])


def day(value: Cell) -> date | None:
    """Return a cell as a day: 2026-03-01, 2026年3月1日, 2026.3.1, 20260301, Excel's count of days; absent is None."""
    written = _even(value)
    if not written:
        return None
    if re.fullmatch(r"\d{5}(\.\d+)?", written) and _FIRST_SERIAL <= float(written) <= _LAST_SERIAL:
        return _EXCEL_BEGAN + timedelta(days=int(float(written)))
    match = _DAY.fullmatch(written) or _EIGHT.fullmatch(written)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    raise Unfit(gettext_noop("“%(value)s” is not a day such as 2026-03-01."), value=written[:40])


def degrees(value: Cell) -> float | None:
    """Return a cell as degrees: 111.67, 111°40′12″, 东经111度40分; absent is None."""
    written = _even(value)
    if not written:
        return None
    found = _degrees(written)
    if found is None or abs(found) > 180:
        raise Unfit(gettext_noop("“%(value)s” is no coordinate in degrees."), value=written[:40])
    return found


def position(value: Cell) -> Pair | None:
    """Return a cell that holds both coordinates, as they stand there: first and second number in degrees."""
    written = re.sub(r"^\s*POINT\s*", "", _even(value), flags=re.IGNORECASE)
    if not written:
        return None
    bare = written.strip("()[]{} ")
    for separator in (r"[,;|]", r"\s+", r"/"):
        parts = [part for part in re.split(separator, bare) if part.strip()]
        if len(parts) == 2:
            first, second = (_degrees(part.strip("()[]{} ")) for part in parts)
            if first is not None and second is not None and max(abs(first), abs(second)) <= 180:
                return first, second
    # Degrees, minutes and seconds have blanks of their own: cut after the first letter that ends one.
    match = re.fullmatch(r"(.*?[秒\"″”EWNS])\s*(.*?)", bare, re.IGNORECASE)
    if match:
        first, second = _degrees(match[1]), _degrees(match[2])
        if first is not None and second is not None:
            return first, second
    raise Unfit(gettext_noop("“%(value)s” is no pair of coordinates such as 111.67,40.82."), value=written[:40])


def swapped(pairs: Iterable[Pair], within: tuple[float, float, float, float]) -> bool:
    """Whether more pairs lie within a box (west, south, east, north) as latitude and longitude than the other way."""
    west, south, east, north = within
    straight = turned = 0
    for first, second in pairs:
        straight += west <= first <= east and south <= second <= north
        turned += west <= second <= east and south <= first <= north
    return turned > straight


def _even(value: Cell) -> str:
    return unicodedata.normalize("NFKC", shown(value)).strip()


def _degrees(written: str) -> float | None:
    sign = -1 if _NEGATIVE.search(written.strip()) else 1
    bare = _SIDE.sub("", written).strip()
    if _DECIMAL.fullmatch(bare):
        return sign * float(bare)
    match = _PARTS.fullmatch(bare)
    if not match:
        return None
    minutes, seconds = float(match["minutes"] or 0), float(match["seconds"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    return sign * (float(match["degrees"]) + minutes / 60 + seconds / 3600)
