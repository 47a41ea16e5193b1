"""SQL that reads the counts: of each cell how many problems a question finds there, in somebody's reach.

A window is the months from its first to its last day, and of those two only the days inside: what it costs depends on
how many cells and months there are, not on how many problems lie in them.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

from grids.scope import Scope
from maps.cells.asking import Asked, Window
from maps.cells.codes import ALL
from maps.cells.hexagons import BY_ZOOM

FIRST_MONTH, LAST_MONTH = 1, 32_767
WHOLE = 0  # the month that stands for all time

# Of the cells in `c`, for one window; the name of the window leads the names of its values.
COUNT = """
select sum({value})::int as n
from maps_cellcount k
where k.district = c.district and k.cell = c.cell and k.month between %({name}_first)s and %({name}_last)s
  and {chosen}
"""
RESOLUTION = f"(array[{', '.join(map(str, BY_ZOOM))}])[least(%(z)s::int, {len(BY_ZOOM) - 1}) + 1]"


@dataclass(frozen=True, slots=True)
class Months:
    """A window in months: the first and last one, and in those the days that count."""

    first: int
    last: int
    first_day: int = 1
    last_day: int = 31


def months_of(window: Window) -> Months:
    """Return the months of a window with their days; the last day of a month is as good as the 31st."""
    if window.whole:
        return Months(WHOLE, WHOLE)
    since, until = window.since, window.until
    last_day = until.day if until and until.day < monthrange(until.year, until.month)[1] else 31
    return Months(
        first=month_of(since) if since else FIRST_MONTH,
        last=month_of(until) if until else LAST_MONTH,
        first_day=since.day if since else 1,
        last_day=last_day if until else 31,
    )


def month_of(day: date) -> int:
    """Return the number of a day's month, as `CellCount.month` has it."""
    return day.year * 12 + day.month - 1


def counted(asked: Asked, name: str, window: Window) -> str:
    """Return the statement that counts what a question finds in a cell `c` within a window."""
    return COUNT.format(name=name, value=_value(name, months_of(window)), chosen=chosen(asked))


def chosen(asked: Asked) -> str:
    """Return the condition on counts `k` of a question's categories and states, and of the reach."""
    if asked.states:
        state = "k.state = any(%(states)s::int[])"
    else:
        # Of single categories there is no count for all states: they are added up.
        state = f"k.state > {ALL}" if asked.categories else f"k.state = {ALL}"
    categories = "k.category = any(%(categories)s::int[])"
    return f"{categories} and {state} and k.region_code like any(%(reach)s::text[])"


def _value(name: str, months: Months) -> str:
    """What a row adds: its count, less the days of the first and the last month that lie outside."""
    before = f"cell_days_until(k.days, %({name}_first_day)s - 1)"
    inside = f"cell_days_until(k.days, %({name}_last_day)s)"
    begins, ends = f"k.month = %({name}_first)s", f"k.month = %({name}_last)s"
    cuts_first, cuts_last = months.first_day > 1, months.last_day < 31
    if cuts_first and cuts_last:
        return f"case when {ends} then {inside} else k.count end - case when {begins} then {before} else 0 end"
    if cuts_first:
        return f"k.count - case when {begins} then {before} else 0 end"
    return f"case when {ends} then {inside} else k.count end" if cuts_last else "k.count"


def values(asked: Asked) -> dict[str, Any]:
    """Return the values of the statements of a question, beside those of the reach."""
    found: dict[str, Any] = {"categories": list(asked.categories) or [ALL], "states": list(asked.states)}
    for name, window in (("now", asked.window), ("was", asked.versus)):
        if window is not None:
            months = months_of(window)
            found |= {
                f"{name}_first": months.first,
                f"{name}_last": months.last,
                f"{name}_first_day": months.first_day,
                f"{name}_last_day": months.last_day,
            }
    return found


def reach_of(scope: Scope) -> list[str] | None:
    """Return the patterns of region codes that somebody sees as a whole, None for nobody's."""
    return [f"{code}%" for code in scope.wide] or None
