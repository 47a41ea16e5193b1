"""What the cells of a row say, field by field; what cannot be read is said at its cell."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from grids.lists import cells
from grids.lists.drafts import Draft
from grids.lists.kinds import Field, fields_of
from grids.lists.saying import NOTE, Unfit, gettext_noop
from grids.lists.tables import Cell, shown
from grids.places_import.vocabulary import ROLES

_USERNAME = re.compile(r"[\w.@+-]{1,60}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,18}", re.ASCII)
_YES = {"是", "1", "true", "yes", "y", "党员", "中共党员", "预备党员", "中共预备党员", "√", "有"}
_NO = {"否", "0", "false", "no", "n", "群众", "非党员", "共青团员", "无党派", "×", "无", "-"}
MOST_HOUSEHOLDS = 20_000
PLACE_FIELDS = frozenset({"lon", "lat", "position"})


def parse(draft: Draft, kind: str, constants: Mapping[str, str]) -> None:
    """Read the cells of a row into `said`, its coordinates into `raw`; `constants` hold where a cell is empty."""
    for name, field in fields_of(kind).items():
        if name in PLACE_FIELDS:
            continue
        read = _READ.get(name, _text(120))
        try:
            value = read(draft.cell(name))
            if value in (None, "") and constants.get(name):
                value = read(constants[name])
        except Unfit as fault:
            draft.unfit(name, fault)
            continue
        if value not in (None, ""):
            draft.said[name] = value
        elif field.required:
            _missing(draft, field)
    _position(draft)


def _missing(draft: Draft, field: Field) -> None:
    draft.refuse(field.name, gettext_noop("It is empty; every row needs a value here."))


def _position(draft: Draft) -> None:
    """Coordinates that cannot be read are no fault of the row: it is placed by hand."""
    try:
        if "position" in draft.mapping:
            draft.raw = cells.position(draft.cell("position"))
            return
        lon = cells.degrees(draft.cell("lon"))
        lat = cells.degrees(draft.cell("lat"))
    except Unfit as fault:
        draft.unfit(_at_fault(draft), fault, level=NOTE)
        return
    if lon is not None and lat is not None:
        draft.raw = (lon, lat)
    elif lon is not None or lat is not None:
        draft.note("lat" if lat is None else "lon", gettext_noop("The other coordinate is missing."))


def _at_fault(draft: Draft) -> str:
    if "position" in draft.mapping:
        return "position"
    try:
        cells.degrees(draft.cell("lon"))
    except Unfit:
        return "lon"
    return "lat"


def _text(most: int) -> Callable[[Cell], str]:
    return lambda value: cells.text(value, most)


def _since(value: Cell) -> str | None:
    found = cells.day(value)
    return found.isoformat() if found else None


def _households(value: Cell) -> int | None:
    return cells.whole(value, MOST_HOUSEHOLDS)


def _role(value: Cell) -> str:
    word = cells.text(value, 40)
    if word and word.casefold() not in ROLES:
        raise Unfit(
            gettext_noop("“%(word)s” is no role: 网格长, 楼道长, 党员志愿者, 派遣员, 创建专员, 督查员, 工作人员."),
            word=word,
        )
    return ROLES[word.casefold()] if word else ""


def _truth(value: Cell) -> bool | None:
    if isinstance(value, bool):
        return value
    word = cells.text(value, 40).casefold()
    if not word:
        return None
    if word in _YES | _NO:
        return word in _YES
    raise Unfit(gettext_noop("“%(word)s” is neither yes nor no."), word=word)


def _phone(value: Cell) -> str:
    number = cells.text(value, 20)
    if number and not _PHONE.fullmatch(number):
        raise Unfit(gettext_noop("“%(word)s” is no telephone number."), word=number)
    return number


def _username(value: Cell) -> str:
    word = cells.text(value, 60)
    if word and not _USERNAME.fullmatch(word):
        raise Unfit(gettext_noop("A user name is one word of letters, digits and @.+-_"))
    return word


def _label(value: Cell) -> str:
    word = cells.text(value, 40)
    return f"{word}单元" if word.isdigit() else word


def _building(value: Cell) -> str:
    word = cells.text(value, 80)
    return f"{word}号楼" if re.fullmatch(r"\d+", word) else word


def _owner(value: Cell) -> str:
    return re.sub(r"[\s(（]*\+?\d[\d\s-]{6,}[)）]*", "", shown(value)).strip()[:80]


_READ: dict[str, Callable[[Cell], Any]] = {
    "name_en": _text(160),
    "key": _text(100),
    "address": _text(200),
    "type": _text(80),
    "kind": _text(40),
    "code": _text(40),
    "since": _since,
    "households": _households,
    "role": _role,
    "party_member": _truth,
    "phone": _phone,
    "username": _username,
    "label": _label,
    "building": _building,
    "owner": _owner,
}
