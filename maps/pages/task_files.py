"""A task list out of a file (XLSX or CSV): its rows fill the lines of the form, where somebody looks at them first."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import uuid_utils.compat as uuid7
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from grids.lists.reading import read
from grids.lists.tables import Cell, cell, plain, shown
from grids.models import Organisation
from grids.problems import BadInput

MOST_BYTES = 2 << 20
# What the columns of task lists are called, as `plain` writes it.
HEADINGS = {
    "title": ("标题", "任务", "任务名称", "工作任务", "title", "task"),
    "description": ("描述", "任务内容", "工作内容", "工作要求", "description"),
    "lead": ("牵头单位", "牵头部门", "lead"),
    "responsible": ("责任单位", "责任部门", "配合单位", "responsible", "responsiblebodies"),
    "day": ("日期", "完成时限", "完成日期", "截止日期", "day", "due"),
    "days": ("办理天数", "天数", "daystodoitin", "days"),
    "often": ("频次", "重复", "howoften"),
}
OFTEN = {"每周": "weekly", "每月": "monthly", "每季": "quarterly", "每季度": "quarterly"}
OFTEN |= {"weekly": "weekly", "monthly": "monthly", "quarterly": "quarterly"}
DAY = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(?:\D.*)?")
BETWEEN = re.compile(r"[、,，;；/\n]")


def rows_of(request: HttpRequest, bodies: Sequence[Organisation], most: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the lines that a file fills, and a sentence for each thing in it that was not understood.

    Raises BadInput for what is no list, has no titles, or has more rows than the form has lines.
    """
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BadInput(_("Choose a file."))
    if (file.size or 0) > MOST_BYTES:
        raise BadInput(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES >> 20})
    table = read(file.read()).table
    columns = {name: _column(table.headings, names) for name, names in HEADINGS.items()}
    if columns["title"] is None:
        raise BadInput(_("The file has no column with the titles of tasks, such as “任务” or “title”."))
    if len(table.rows) > most:
        raise BadInput(_("The file has more than %(most)d rows: divide it.") % {"most": most})
    known = {plain(name): str(body.pk) for body in bodies for name in (body.name, body.name_en) if name}
    lines, unread = [], []
    for place, (number, cells) in enumerate(table.rows):
        found = {name: None if at is None else cell(cells, at) for name, at in columns.items()}
        line, problems = _line(place, found, known)
        lines.append(line)
        unread += [_("Row %(number)d: %(problem)s") % {"number": number, "problem": text} for text in problems]
    return lines, unread


def _column(headings: list[str], names: tuple[str, ...]) -> int | None:
    return next((at for at, heading in enumerate(headings) if plain(heading) in names), None)


def _line(place: int, found: dict[str, Cell], known: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    problems = []
    lead, missing = _bodies(shown(found["lead"]), known)
    responsible, more = _bodies(shown(found["responsible"]), known)
    problems += [_("there is no body “%(name)s” here.") % {"name": name} for name in [*missing, *more]]
    day = day_in(found["day"])
    if day is None and shown(found["day"]):
        problems.append(_("“%(text)s” is no day.") % {"text": shown(found["day"])})
    days, often = shown(found["days"]), plain(shown(found["often"]))
    return {
        "number": place,
        "label": place + 1,
        "field": f"line-{place}",
        "key": uuid7.uuid7(),
        "title": shown(found["title"])[:120],
        "description": shown(found["description"])[:2000],
        "lead": lead[0] if lead else "",
        "responsible": [body for body in responsible if body not in lead[:1]],
        "day": day.isoformat() if day else "",
        "days": days if days.isascii() and days.isdecimal() else "0",
        "often": OFTEN.get(often, ""),
    }, problems


def _bodies(text: str, known: dict[str, str]) -> tuple[list[str], list[str]]:
    names = [name.strip() for name in BETWEEN.split(text) if name.strip()]
    return [known[plain(name)] for name in names if plain(name) in known], [
        name for name in names if plain(name) not in known
    ]


def day_in(value: Cell) -> date | None:
    """Return the day of a cell's text, such as 2026-11-19 (as a date of Excel is read), 2026/11/19, 2026年11月19日."""
    match = DAY.fullmatch(shown(value))
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None
