"""Positions: a phone's batch of a thousand against COPY, and two hundred trackers at once."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from tests.bench.city import SMALL, City
from tests.bench.client import Reader
from tests.bench.load import p50, p95
from tests.bench.measure import Row, compare, row_of
from tests.bench.rows import Bench
from tests.faults.processes import ROOT, free_port, gunicorn, marked, python

BATCH = 1_000
PHONES, EVERY_S = 200, 5.0
ROUNDS = max(1, round(float(os.environ.get("BENCH_LOAD_SECONDS", "60")) / EVERY_S))
MOST_P95_S = 0.1
STAGE = "create temporary table if not exists bench_stage (like patrols_fix including defaults) on commit delete rows"
COPY = (
    "copy bench_stage (district, taken_at, id, person_id, patrol_id, geom, accuracy, speed, course, altitude,"
    " attributes, quarantine) from stdin"
)
INSERT = "insert into patrols_fix select * from bench_stage on conflict do nothing"
Fix = tuple[int, float, float, float, float, float, float]


def positions(bench: Bench) -> Iterator[Row]:
    """Measure both on the small city."""
    city = bench.cities[SMALL]
    made = subprocess.run(
        python("-m", "tests.bench.walkers", str(PHONES)), env=city.env, cwd=ROOT, check=True, capture_output=True
    )
    known = json.loads(made.stdout.splitlines()[-1])
    yield from _batch(bench.reader(SMALL, "leader"), known)
    yield from _phones(city, known)


def _batch(reader: Reader, known: dict[str, Any]) -> Iterator[Row]:
    """Rows that were never sent before, every time: what is known already costs less."""
    batches = count()
    path = f"/api/v1/patrols/{known['patrol']}/fixes"
    body = json.dumps({"fixes": _fixes(known, next(batches))}).encode()
    queries = reader.queries(path, body, Idempotency_Key=str(uuid4()))
    yield Row("1,000 positions of a phone", queries, 12, "queries of one request", "queries")
    with psycopg.connect(reader.city.conninfo) as link:
        ratio = compare(
            lambda: _sent(reader, path, _fixes(known, next(batches))),
            lambda: _copied(link, known, _fixes(known, next(batches))),
            rounds=9,
            turns=6,
        )
    rate = BATCH / ratio.a
    yield row_of(f"1,000 positions of a phone, {rate:,.0f} a second", ratio, 2, "COPY and insert of the same rows")


def _fixes(known: dict[str, Any], batch: int) -> list[Fix]:
    """Return a batch of rows within the last minutes, no two batches alike."""
    now = int(time.time() * 1000)
    lon, lat = known["place"]
    return [
        (now - 1_000 * (BATCH - n) - batch % 997, round(lon + n * 1e-6, 7), lat, 8.0, 1.2, 90.0, 1_050.0)
        for n in range(BATCH)
    ]


def _sent(reader: Reader, path: str, fixes: list[Fix]) -> float:
    body = json.dumps({"fixes": fixes}).encode()
    return reader.seconds(path, body, Idempotency_Key=str(uuid4()))


def _copied(link: psycopg.Connection[tuple[Any, ...]], known: dict[str, Any], fixes: list[Fix]) -> float:
    rows = [
        (
            known["district"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at / 1000)), uuid4(), known["leader"],
            known["patrol"], f"SRID=4326;POINT({lon!r} {lat!r})", accuracy, speed, course, altitude, Jsonb({}), "",
        )
        for at, lon, lat, accuracy, speed, course, altitude in fixes
    ]  # fmt: skip
    began = time.perf_counter()
    link.execute(STAGE)
    with link.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row(row)
    link.execute(INSERT)
    link.commit()
    return time.perf_counter() - began


def _phones(city: City, known: dict[str, Any]) -> Iterator[Row]:
    """A server with its usual number of processes; every position that was answered with success must be there."""
    before = _stored(city)
    with marked(city.env) as env:
        port = free_port()
        log = Path(city.env["GRIDWARDEN_VAR"]) / "web-phones.log"
        server = gunicorn(env, log, port, workers=min(4, max(2, os.cpu_count() or 2)))
        try:
            met = _walk(port, known)
        finally:
            server.stop(60)
    sent = PHONES * ROUNDS
    kept = _stored(city) - before
    work = f"{PHONES} phones, a position every {EVERY_S:g} s for {ROUNDS * EVERY_S:.0f} s"
    rate = (
        f"{met['stored'] / met['lasted']:.1f} a second; the phones took {met['own_cpu'] / met['lasted']:.0%} of a core"
    )
    yield Row(
        f"{work}: lost", sent - kept, 0, f"{sent:,} sent, {met['stored']:,} answered, {kept:,} stored; {rate}", ""
    )
    yield Row(f"{work}: p95", p95(met["seconds"]), MOST_P95_S, f"p50 {p50(met['seconds']) * 1e3:.0f} ms", "s")


def _walk(port: int, known: dict[str, Any]) -> dict[str, Any]:
    plan = {
        "port": port,
        "secrets": known["secrets"],
        "place": known["place"],
        "every": EVERY_S,
        "rounds": ROUNDS,
        "seed": 1,
    }
    command = python("-m", "tests.bench.trackers", json.dumps(plan))
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    met: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return met


def _stored(city: City) -> int:
    [(rows,)] = city.ask("select count(*) from patrols_fix where device_id is not null and quarantine = ''")
    assert isinstance(rows, int)
    return rows
