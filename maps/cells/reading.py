"""SQL that reads the counts: of each cell how many problems a question finds there, in somebody's reach.

A window is its years, and of the first and the last one only the days inside: what it costs depends on how many cells
and years there are, not on how many problems lie in them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from grids.scope import Scope
from maps.cells.asking import Asked, Window
from maps.cells.codes import ALL, ANY_OPEN, OPEN
from maps.cells.hexagons import BY_ZOOM

FIRST_YEAR, LAST_YEAR = 1, 32_767
WHOLE = 0  # the year that stands for all time
LAST_DAY = 366

# Of the cells in `c`, for one window; the name of the window leads the names of its values.
COUNT = """
select sum({value})::int as n
from maps_cellcount k
where k.district = c.district and k.cell = c.cell and {years} and {chosen}
"""
# Of the column's own type: an index of GiST knows no other.
RESOLUTION = f"(array[{', '.join(map(str, BY_ZOOM))}]::smallint[])[least(%(z)s::int, {len(BY_ZOOM) - 1}) + 1]"


@dataclass(frozen=True, slots=True)
class Years:
    """A window in years: the first and last one, and in those the days that count."""

    first: int
    last: int
    first_day: int = 1
    last_day: int = LAST_DAY


def years_of(window: Window) -> Years:
    """Return the years of a window with their days; the last day of a year is as good as the 366th."""
    since, until = window.since, window.until
    within = until is not None and (until.month, until.day) != (12, 31)
    return Years(
        first=since.year if since else FIRST_YEAR,
        last=until.year if until else LAST_YEAR,
        first_day=_day_of_year(since) if since else 1,
        last_day=_day_of_year(until) if until and within else LAST_DAY,
    )


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


def counted(asked: Asked, name: str, window: Window) -> str:
    """Return the statement that counts what a question finds in a cell `c` within a window."""
    if window.whole and kept_for_all_time(asked):
        return COUNT.format(value="k.count", years=f"k.year = {WHOLE}", chosen=chosen(asked))
    years = years_of(window)
    # Of one year the index leads to its rows alone.
    inside = f"between %({name}_first)s and %({name}_last)s" if years.first < years.last else f"= %({name}_first)s"
    return COUNT.format(value=_value(name, years), years=f"k.year {inside}", chosen=chosen(asked))


def kept_for_all_time(asked: Asked) -> bool:
    """Whether a question's counts are kept for all time too; others are added up by years."""
    return not asked.categories and len(states_of(asked)) == 1 and states_of(asked)[0] in (ALL, ANY_OPEN)


def states_of(asked: Asked) -> tuple[int, ...]:
    """Return the states of a question as the counts name them: of all categories together any open one has its own.

    None for a category in all states, of which there is no count: they are added up.
    """
    if asked.categories:
        return asked.states
    if not asked.states:
        return (ALL,)
    if set(OPEN) <= set(asked.states):
        return tuple(sorted({*asked.states, ANY_OPEN} - set(OPEN)))
    return asked.states


def chosen(asked: Asked) -> str:
    """Return the condition on counts `k` of a question's categories and states, and of the reach."""
    category = _one_of("category", asked.categories or (ALL,))
    states = states_of(asked)
    state = _one_of("state", states) if states else f"k.state > {ALL}"
    return f"{category} and {state} and k.region_code like any(%(reach)s::text[])"


def _one_of(column: str, among: tuple[int, ...]) -> str:
    # Of one value the order of the index goes on behind it; of an array that holds one the planner does not know.
    values = f"%({column})s::int[]"
    return f"k.{column} = ({values})[1]" if len(among) == 1 else f"k.{column} = any({values})"


def _value(name: str, years: Years) -> str:
    """What a row adds: its count, less the days of the first and the last year that lie outside."""
    before = f"cell_days_until(k.days, %({name}_first_day)s - 1)"
    inside = f"cell_days_until(k.days, %({name}_last_day)s)"
    begins, ends = f"k.year = %({name}_first)s", f"k.year = %({name}_last)s"
    upto = f"case when {ends} then {inside} else k.count end" if years.last_day < LAST_DAY else "k.count"
    return f"{upto} - case when {begins} then {before} else 0 end" if years.first_day > 1 else upto


def values(asked: Asked) -> dict[str, Any]:
    """Return the values of the statements of a question, beside those of the reach."""
    found: dict[str, Any] = {"category": list(asked.categories) or [ALL], "state": list(states_of(asked))}
    for name, window in (("now", asked.window), ("was", asked.versus)):
        if window is not None:
            years = years_of(window)
            found |= {
                f"{name}_first": years.first,
                f"{name}_last": years.last,
                f"{name}_first_day": years.first_day,
                f"{name}_last_day": years.last_day,
            }
    return found


def reach_of(scope: Scope) -> list[str] | None:
    """Return the patterns of region codes that somebody sees as a whole, None for nobody's."""
    return [f"{code}%" for code in scope.wide] or None
