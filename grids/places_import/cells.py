"""Reading the cells of a table: text, whole numbers, yes and no, days. What cannot be read is said in one sentence."""

import re
from datetime import date

from django.utils.translation import gettext as _

from grids.problems import BadInput

_YES = {"1", "true", "yes", "y", "t", "是", "党员", "中共党员", "预备党员", "中共预备党员", "有", "√"}
_NO = {"", "0", "false", "no", "n", "f", "否", "非党员", "群众", "无", "共青团员", "×"}
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T].*)?")
_WHOLE = re.compile(r"(\d{1,12})(?:\.0*)?\s*(?:户|层|人|栋)?", re.ASCII)


def text(value: object, most: int, name: str) -> str:
    """Return a cell as one line of text of bounded length; absent is empty."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | float):
        raise BadInput(_("%(name)s is not text.") % {"name": name})
    line = " ".join(str(value).split())
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in line):
        raise BadInput(_("%(name)s holds characters that are not text.") % {"name": name})
    if len(line) > most:
        raise BadInput(_("%(name)s has more than %(most)s characters.") % {"name": name, "most": most})
    return line


def whole(value: object, most: int, name: str) -> int | None:
    """Return a cell as a whole number from 0 to `most`; absent is None."""
    written = text(value, 40, name)
    if not written:
        return None
    match = _WHOLE.fullmatch(written)
    if not match or int(match[1]) > most:
        shown = {"name": name, "value": written, "most": most}
        raise BadInput(_("%(name)s is “%(value)s”, not a whole number from 0 to %(most)s.") % shown)
    return int(match[1])


def truth(value: object, name: str) -> bool:
    """Return a cell that says yes or no; absent is no."""
    if isinstance(value, bool):
        return value
    written = text(value, 40, name).casefold()
    if written in _YES:
        return True
    if written in _NO:
        return False
    raise BadInput(_("%(name)s is “%(value)s”, neither yes nor no.") % {"name": name, "value": written})


def day(value: object, name: str) -> date | None:
    """Return a cell as a day such as 2026-11-21 or 2026年11月21日; absent is None."""
    written = text(value, 60, name)
    if not written:
        return None
    match = _DAY.fullmatch(written)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else _no_day(name, written)
    except ValueError:
        return _no_day(name, written)


def _no_day(name: str, written: str) -> date:
    raise BadInput(_("%(name)s is “%(value)s”, not a day such as 2026-11-21.") % {"name": name, "value": written})
