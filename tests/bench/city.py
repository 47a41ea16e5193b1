"""The data: the demo city with 10,000 reports of the last 90 days, and the same with 990,000 older ones before them.

`manage.py simulate` makes both, with events and parties.
"""

import os
import subprocess
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.databases import drop
from tests.faults.processes import ROOT, python

SMALL, LARGE = 10_000, 1_000_000
MANY_OPEN, FEW_OPEN = 5_000, 500  # the small city with so many open where the dispatcher works
NAMES = {SMALL: "gw_bench_small", LARGE: "gw_bench_large"}
BOARDS = {MANY_OPEN: "gw_bench_many_open", FEW_OPEN: "gw_bench_few_open"}
# The small city with the counts of so many drawn problems in place of its own.
FEW_DRAWN, MANY_DRAWN = "100,000 drawn", "1,000,000 drawn"
DRAWN = {FEW_DRAWN: (100_000, "gw_bench_few_drawn"), MANY_DRAWN: (1_000_000, "gw_bench_many_drawn")}
RECENT_DAYS, OLD_DAYS = 90, 2_000
OPEN = 0.9  # of the recent ones; the old ones are closed, as they are in a city that works
VOLUNTEERS = 2_000
STAFF = "bench-staff"  # works for the body that deals with most
CLOSE = """
update patrols_report set state = 'closed', closed_at = now() where id in (
    select id from patrols_report
    where region_code like '150199001%%'
        and state not in ('closed', 'withdrawn', 'rejected', 'duplicate')
    order by md5(id::text) offset %s
)
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


def build(var: str, sizes: tuple[int, ...] = (SMALL, LARGE), *, keep: bool = False) -> dict[int | str, City]:
    """Make the small database, and the large one if it is asked for, and return them by size. Takes minutes.

    `keep` brings up to date what is there.
    """
    cities: dict[int | str, City] = {size: city_of(size, NAMES[size], var) for size in sizes}
    with administration() as link:
        names = [NAMES[size] for size in sizes]
        found = link.execute("select count(*) from pg_database where datname = any(%s)", [names])
        if keep and found.fetchone() == (len(names),):
            for city in cities.values():
                subprocess.run(python("manage.py", "prepare"), env=city.env, cwd=ROOT, check=True)
            return cities
        drop_all(link)
        link.execute(sql.SQL("create database {}").format(sql.Identifier(NAMES[SMALL])))
    subprocess.run(python("manage.py", "prepare"), env=cities[SMALL].env, cwd=ROOT, check=True)
    _forget_own_reports(cities[SMALL])
    _simulate(cities[SMALL], SMALL, 0, RECENT_DAYS, f"--volunteers={VOLUNTEERS}", f"--open={OPEN}")
    if LARGE in cities:
        with administration() as link:
            _copy(link, NAMES[LARGE])
        _simulate(cities[LARGE], LARGE - SMALL, RECENT_DAYS, OLD_DAYS)
    return cities


def _copy(link: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    """Copy the small city, whom nobody may be connected to, to a database that is dropped first."""
    drop(link, name)
    names = sql.Identifier(name), sql.Identifier(NAMES[SMALL])
    link.execute(sql.SQL("create database {} template {}").format(*names))


def boards(var: str) -> dict[int | str, City]:
    """Copy the small city and close reports until so many are open as asked for."""
    cities: dict[int | str, City] = {size: city_of(SMALL, name, var) for size, name in BOARDS.items()}
    for size, city in cities.items():
        with administration() as link:
            _copy(link, BOARDS[int(size)])
        with psycopg.connect(city.conninfo, autocommit=True) as link:
            link.execute(CLOSE, [size])
            link.execute("vacuum analyze patrols_report")
    return cities


def drawn(var: str) -> dict[int | str, City]:
    """Copy the small city and put the counts of drawn problems in place of its own."""
    cities: dict[int | str, City] = {key: city_of(size, name, var) for key, (size, name) in DRAWN.items()}
    for key, city in cities.items():
        with administration() as link:
            _copy(link, DRAWN[str(key)][1])
        subprocess.run(python("-m", "tests.bench.heat_made", str(city.reports)), env=city.env, cwd=ROOT, check=True)
    return cities


def city_of(size: int, name: str, var: str) -> City:
    """Return a city by the name of its database, whether that exists or not."""
    conninfo = make_conninfo(os.environ["GRIDWARDEN_DATABASE_URL"], dbname=name)
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


def _simulate(city: City, reports: int, from_days: int, to_days: int, *more: str) -> None:
    """Add reports of one district. What the large city adds is older, so that it lies behind what both have."""
    window = (f"--reports={reports}", f"--from-days={from_days}", f"--to-days={to_days}", "--districts=1")
    subprocess.run(python("manage.py", "simulate", *window, *more), env=city.env, cwd=ROOT, check=True)


def _forget_own_reports(city: City) -> None:
    """Delete the demo city's own reports and what was told of them: only what is simulated counts."""
    with psycopg.connect(city.conninfo, autocommit=True) as link:
        link.execute("truncate patrols_report, grids_notification, grids_outbox cascade")


def drop_all(link: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Drop the databases of an earlier run."""
    for name in (*NAMES.values(), *BOARDS.values(), *(name for _size, name in DRAWN.values())):
        drop(link, name)
