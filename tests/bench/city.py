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
NAMES = {SMALL: "gw_bench_small", LARGE: "gw_bench_large"}
RECENT_DAYS, OLD_DAYS = 90, 2_000
OPEN = 0.9  # of the recent ones; the old ones are closed, as they are in a city that works
VOLUNTEERS = 2_000
STAFF = "bench-staff"  # works for the body that deals with most


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
    """Make both databases and return them by size; `keep` uses those that are there. Takes some minutes."""
    cities = {size: _city(size, var) for size in NAMES}
    with administration() as link:
        found = link.execute("select count(*) from pg_database where datname = any(%s)", [list(NAMES.values())])
        if keep and found.fetchone() == (len(NAMES),):
            subprocess.run(python("manage.py", "prepare"), env=cities[SMALL].env, cwd=ROOT, check=True)
            return cities
        drop_all(link)
        link.execute(sql.SQL("create database {}").format(sql.Identifier(NAMES[SMALL])))
    subprocess.run(python("manage.py", "prepare"), env=cities[SMALL].env, cwd=ROOT, check=True)
    _forget_own_reports(cities[SMALL])
    _simulate(cities[SMALL], SMALL, 0, RECENT_DAYS, f"--volunteers={VOLUNTEERS}", f"--open={OPEN}")
    with administration() as link:
        link.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(NAMES[LARGE]), sql.Identifier(NAMES[SMALL]))
        )
    _simulate(cities[LARGE], LARGE - SMALL, RECENT_DAYS, OLD_DAYS)
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
    for name in NAMES.values():
        drop(link, name)
