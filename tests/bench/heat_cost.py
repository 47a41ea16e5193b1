"""What a tile of heat costs the database at several sizes: CPU time of its backend and pages, by zoom and window.

Time on a clock depends on who else is at work; the CPU time of one backend and the pages that it touches hardly do.

    python -m tests.bench.heat_cost 10000 100000 1000000

Makes the counts of so many drawn problems after each other in the database of GRIDWARDEN_DATABASE_URL, which must run
on this machine, and prints a table; the last column is the last size against the one before.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import django
from django.db import connection

from tests.bench.heat_made import WINDOWS, make, tile_at

ZOOMS = (6, 10, 12, 14, 16)
TURNS = 40


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU, pages touched and cells drawn."""

    cpu: float
    pages: int
    cells: int


def cost(zoom: int, query: Mapping[str, str]) -> Cost:
    """Measure the tile in the middle of the drawn city."""
    from grids.models.people import Role
    from grids.scope import NOBODY
    from maps.cells.asking import Asked, Window
    from maps.cells.codes import OPEN
    from maps.tiles.heat import heat_statement

    days = {side: date.fromisoformat(query[side]) for side in ("since", "until") if side in query}
    asked = Asked(
        window=Window(**days),
        categories=(int(query["category"]),) if "category" in query else (),
        states=OPEN if "state" in query else (),
    )
    statement = heat_statement(replace(NOBODY, regions={Role.PLANNER: ("150199",)}), asked, 900)
    assert statement
    x, y = tile_at(zoom)
    values = {"z": zoom, "x": x, "y": y}
    with connection.cursor() as cursor:
        [(pid,)] = cursor.execute("select pg_backend_pid()").fetchall()
        [(_tile, cells, _until)] = statement.rows(values, binary=True)
        began = _on_cpu(pid)
        for _turn in range(TURNS):
            statement.rows(values, binary=True)
        cpu = (_on_cpu(pid) - began) / TURNS
        given = [values.get(getattr(value, "name", ""), value) for value in statement.values]
        cursor.execute(f"explain (analyze, buffers, format json) {statement.sql}", given)
        [(found,)] = cursor.fetchall()
        plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return Cost(cpu, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], cells)


def _on_cpu(pid: int) -> float:
    """Milliseconds that a process has been on a CPU; https://docs.kernel.org/scheduler/sched-stats.html."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def main(sizes: list[int]) -> None:
    """Make and measure each size, and print what came of it."""
    found: dict[int, dict[tuple[int, str], Cost]] = {}
    for size in sizes:
        make(size)
        found[size] = {(zoom, name): cost(zoom, query) for name, query in WINDOWS.items() for zoom in ZOOMS}
    print("| zoom | window | " + " | ".join(f"{size:,}" for size in sizes) + " | |")
    print("|---|---|" + "---|" * (len(sizes) + 1))
    for zoom, name in found[sizes[-1]]:
        costs = [found[size][zoom, name] for size in sizes]
        texts = [f"{one.cpu:.1f} ms, {one.pages:,} pages, {one.cells} cells" for one in costs]
        ratio = f"{costs[-1].cpu / costs[-2].cpu:.2f} ×" if len(costs) > 1 else ""
        print(f"| {zoom} | {name} | {' | '.join(texts)} | {ratio} |", flush=True)


if __name__ == "__main__":
    django.setup()
    main([int(size) for size in sys.argv[1:]])
