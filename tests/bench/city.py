"""The data: the demo city with 10,000 reports of the last 90 days, and the same with 990,000 older ones behind them."""

import os
import subprocess
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.faults.processes import ROOT, python

SMALL, LARGE = 10_000, 1_000_000
NAMES = {SMALL: "gw_bench_small", LARGE: "gw_bench_large"}
RECENT_DAYS, OLD_DAYS = 90, 2_000

# New rows are copies of the demo city's own with other keys, times and a place up to 60 m away. Nine of ten recent ones
# are open, the old ones are closed, as they are in a city that works.
GROW = """
with seed as (
    select row_number() over (order by number) - 1 as seat, *
    from patrols_report where grid_id is not null and (number not like 'B%%') = (%(first)s = 0)
    order by number limit 1500
), size as (select count(*) as seeds from seed),
made as (
    select turn, seed.*, shifted, moment,
           case when %(state)s = 'reported' and turn %% 10 = 9 then 'closed' else %(state)s end as now_state
    from generate_series(%(first)s::bigint, %(last)s::bigint) as turn
    cross join size join seed on seed.seat = turn %% size.seeds
    cross join lateral (select now() - (%(from_days)s + (%(to_days)s - %(from_days)s) * random())
                               * interval '1 day' as moment) as at
    cross join lateral (select ST_SetSRID(ST_MakePoint(ST_X(anchor) + (random() - 0.5) * 0.0014,
                               ST_Y(anchor) + (random() - 0.5) * 0.001), 4326) as shifted) as where_
)
insert into patrols_report
    (id, district, region_code, number, public_number, kind, source, category_id, grid_id, geom, anchor, place,
     description, reporter_id, handler_id, state, came_from, occurred_at, recorded_at, changed_at, waiting_since,
     dispatch_due_at, closed_at)
select gen_random_uuid(), district, region_code, 'B' || turn, 'B' || turn, kind, source, category_id, grid_id,
       shifted, shifted, place, description, reporter_id,
       case when now_state = 'closed' then handler_id end, now_state, '', moment, moment, moment, moment,
       moment + interval '4 hours', case when now_state = 'closed' then moment end
from made
"""
# Every fifth old report was dealt with by a person, the others by the bodies.
LEADS = """
insert into patrols_party (report_id, district, role, state, person_id, organisation_id, since, report_recorded_at)
select report.id, report.district, 'lead', 'done', case when turn %% 5 = 0 then person.id end,
       case when turn %% 5 > 0 then body.id end, report.recorded_at, report.recorded_at
from (select *, substr(number, 2)::bigint as turn from patrols_report where number like 'B%%') report
join (select id, row_number() over (order by id) - 1 as seat, count(*) over () as size from grids_person) person
  on person.seat = report.turn / 5 %% person.size
join (select id, row_number() over (order by id) - 1 as seat, count(*) over () as size from grids_organisation) body
  on body.seat = report.turn %% body.size
where report.turn between %(first)s and %(last)s
"""
REBUILT = """
select indexname, indexdef from pg_indexes
where tablename in ('patrols_report', 'patrols_party') and not exists
    (select from pg_constraint where conname = indexname and contype in ('p', 'u', 'x'))
"""


@dataclass(frozen=True)
class City:
    """A database with so many reports; `env` is what a server on it is given."""

    reports: int
    conninfo: str
    env: dict[str, str]

    def ask(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """Run a query."""
        with psycopg.connect(self.conninfo) as link:
            return link.execute(query).fetchall()


def administration() -> psycopg.Connection[tuple[Any, ...]]:
    """Connect to the cluster of GRIDWARDEN_DATABASE_URL, at a database that always exists."""
    given = os.environ["GRIDWARDEN_DATABASE_URL"]
    return psycopg.connect(make_conninfo(given, dbname="postgres"), autocommit=True)


def build(var: str, *, keep: bool = False) -> dict[int, City]:
    """Make both databases and return them by size; `keep` uses those that are there. Takes two or three minutes."""
    cities = {size: _city(size, var) for size in NAMES}
    with administration() as link:
        found = link.execute("select count(*) from pg_database where datname = any(%s)", [list(NAMES.values())])
        if keep and found.fetchone() == (len(NAMES),):
            subprocess.run(python("manage.py", "prepare"), env=cities[SMALL].env, cwd=ROOT, check=True)
            return cities
        drop(link)
        link.execute(sql.SQL("create database {}").format(sql.Identifier(NAMES[SMALL])))
    subprocess.run(python("manage.py", "prepare"), env=cities[SMALL].env, cwd=ROOT, check=True)
    _grow(cities[SMALL], 0, SMALL, 0, RECENT_DAYS, "reported")
    with administration() as link:
        link.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(NAMES[LARGE]), sql.Identifier(NAMES[SMALL]))
        )
    _grow(cities[LARGE], SMALL, LARGE, RECENT_DAYS, OLD_DAYS, "closed")
    return cities


def _city(size: int, var: str) -> City:
    conninfo = make_conninfo(os.environ["GRIDWARDEN_DATABASE_URL"], dbname=NAMES[size])
    env = {
        **os.environ,
        "GRIDWARDEN_MODE": "demo",
        "GRIDWARDEN_DATABASE_URL": conninfo,
        "GRIDWARDEN_REDIS_URL": f"unix://{var}/none.sock",
        "GRIDWARDEN_VAR": var,
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "PYTHONPATH": str(ROOT),
    }
    return City(size, conninfo, env)


def _grow(city: City, first: int, last: int, from_days: int, to_days: int, state: str) -> None:
    """Add copies `first` to `last`; the indexes are made anew afterwards, which is quicker than keeping them up."""
    with psycopg.connect(city.conninfo, autocommit=True) as link:
        indexes = link.execute(REBUILT).fetchall()
        with link.transaction():
            for name, _definition in indexes:
                link.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
            values = {"first": first, "last": last - 1, "from_days": from_days, "to_days": to_days, "state": state}
            link.execute(GROW, values)
            if first == 0:
                _forget_seeds(link)
            link.execute(LEADS, values)
        for _name, definition in indexes:
            link.execute(definition.encode())
        link.execute("vacuum analyze")


def _forget_seeds(link: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Delete the demo city's own reports: from here on only their copies count."""
    for table in ("patrols_event", "patrols_party", "grids_notification", "grids_outbox"):
        link.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
    link.execute("delete from patrols_report where number not like 'B%'")


def drop(link: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Drop the databases of an earlier run."""
    for name in NAMES.values():
        link.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
