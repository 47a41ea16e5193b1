"""The figures of the public page, from the kept counts: of communities, and of the public places in one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from grids.models.places import NO_STREETS, PlaceKind
from patrols.public import CELLS_A_DEGREE, ENOUGH

MOST_PLACES = 60
COMMUNITY = 12  # digits of its code
WITHIN = "/*within*/"
# What people call a spot by, before the street.
GROUNDS = (PlaceKind.ESTATE, PlaceKind.PARK, PlaceKind.SQUARE, PlaceKind.MARKET, PlaceKind.SCHOOL)
CHOSEN = """
with chosen as (
  select * from patrols_publiccell
  where (region_code = %(region)s or /*within*/ region_code like %(region)s || '%%')
    and (%(all)s or category_id = any(%(categories)s))
)
"""
COMMUNITIES = f"""{CHOSEN},
spans as (
  select region_code, percentile_cont(0.5) within group (order by hours) as median, count(*) as times
  from chosen, unnest(took) as hours group by 1
)
select c.region_code, sum(c.open), sum(c.closed), sum(c.closed_month),
       coalesce(sum(c.open + c.closed) filter (where not c.shown), 0),
       max(s.median), coalesce(max(s.times), 0)
from chosen c left join spans s using (region_code) group by 1
"""  # noqa: S608 - constants
PLACES = f"""{CHOSEN},
cell as (
  select "column", "row", st_setsrid(st_makepoint(
    ("column" + 0.5) / {CELLS_A_DEGREE}, ("row" + 0.5) / {CELLS_A_DEGREE}), 4326) as middle
  from chosen where shown group by 1, 2
),
called as (
  select cell.*, coalesce(p.name, s.name, '') as name, coalesce(p.name_en, s.name_en, '') as name_en
  from cell
  left join lateral (
    select name, name_en from grids_place
    where geom && cell.middle and st_covers(geom, cell.middle) and kind = any(%(grounds)s) and name <> ''
    order by st_area(geom) limit 1
  ) p on true
  left join lateral (
    select name, name_en from grids_street
    where name <> '' and kind <> all(%(no_streets)s) order by geom <-> cell.middle limit 1
  ) s on true
),
spans as (
  select k.name, percentile_cont(0.5) within group (order by hours) as median, count(*) as times
  from chosen c join called k using ("column", "row"), unnest(c.took) as hours where c.shown group by 1
)
select k.name, max(k.name_en), sum(c.open), sum(c.closed), sum(c.closed_month), max(s.median),
       coalesce(max(s.times), 0), avg(st_x(k.middle)), avg(st_y(k.middle)),
       min(st_x(k.middle)), min(st_y(k.middle)), max(st_x(k.middle)), max(st_y(k.middle))
from chosen c join called k using ("column", "row") left join spans s using (name)
where c.shown group by 1 order by sum(c.open) desc, sum(c.closed) desc, k.name limit {MOST_PLACES}
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Figures:
    """Problems open, closed within a year and within this month, and the median of hours from filing to closing.

    The median is None below five closed ones. `hidden` are those at places that are not public.
    """

    open: int = 0
    closed: int = 0
    closed_month: int = 0
    hidden: int = 0
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """The figures of a place with its middle and its box, west to north, in degrees."""

    name: str
    name_en: str
    figures: Figures
    at: tuple[float, float]
    box: tuple[float, float, float, float]


def communities(region: str = "", categories: Iterable[int] | None = None) -> dict[str, Figures]:
    """Return the figures of each community within a region by its code ("" for everywhere), in one query.

    `categories` are ids of the only ones that count, None for all.
    """
    found = {}
    for code, is_open, closed, month, hidden, median, times in _rows(COMMUNITIES, region, categories):
        found[code] = Figures(int(is_open), int(closed), int(month), int(hidden), _hours(median, times))
    return found


def total(rows: Iterable[Figures]) -> Figures:
    """Return the sums; of medians there is none."""
    known = list(rows)
    return Figures(
        sum(one.open for one in known),
        sum(one.closed for one in known),
        sum(one.closed_month for one in known),
        sum(one.hidden for one in known),
    )


def places(community: str, categories: Iterable[int] | None = None) -> list[PlaceFigures]:
    """Return the public places of a community by name, most open ones first, at most sixty; in one query."""
    found = []
    for name, name_en, is_open, closed, month, median, times, *where in _rows(PLACES, community, categories):
        figures = Figures(int(is_open), int(closed), int(month), 0, _hours(median, times))
        lon, lat, *box = (float(value) for value in where)
        half = 0.5 / CELLS_A_DEGREE
        around = (box[0] - half, box[1] - half, box[2] + half, box[3] + half)
        found.append(PlaceFigures(name, name_en, figures, (lon, lat), around))
    return found


def _hours(median: float | None, times: int) -> float | None:
    return None if median is None or times < ENOUGH else float(median)


def _rows(statement: str, region: str, categories: Iterable[int] | None) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "region": region,
        "all": categories is None,
        "categories": list(categories or ()),
        "grounds": list(GROUNDS),
        "no_streets": list(NO_STREETS),
    }
    if len(region) == COMMUNITY:
        # By the index of communities, which serves no beginnings of codes.
        statement = statement.replace(WITHIN, "false and")
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
