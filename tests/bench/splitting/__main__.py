"""`python -m tests.bench.splitting [FILE.osm:HOUSEHOLDS …]`: our grids beside four other ways, in one table.

An invented city is always measured; SPLIT_BUILDINGS says how large it is (100,000 without it).
"""

import itertools
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maps.site.settings")
django.setup()

from grids.splitting import Problem, quality, split  # noqa: E402
from grids.splitting.ground import prepare  # noqa: E402
from tests.bench.splitting import baselines, cities  # noqa: E402

SETTINGS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0)
SEEDS = (1, 2)  # beside 0, at the usual setting: a figure of one seed may be luck
SIZES = (1 / 16, 1 / 4, 1.0)
HEAD = (
    "| data | method | grids | variation | within 10 % | Polsby–Popper | least | major road inside, km/km² | cut "
    "| gap, m² | CPU s |"
)


def main() -> None:
    """Print one table."""
    print(HEAD + "\n|" + "---|" * 11, flush=True)
    for argument in sys.argv[1:]:
        path, _colon, households = argument.rpartition(":")
        for line in compared(Path(path).name, Path(path), int(households)):
            print(line, flush=True)
    most = int(os.environ.get("SPLIT_BUILDINGS", "100000"))
    sizes = [round(most * share) for share in SIZES]
    spent = []
    for buildings in sizes:
        line, seconds = ours(f"invented, {buildings:,} buildings", cities.invented(buildings, 300))
        spent.append(seconds)
        print(line, flush=True)
    print()
    for (few, short), (many, long) in itertools.pairwise(zip(sizes, spent, strict=True)):
        allowed = many * math.log(many) / (few * math.log(few))
        print(f"{few:,} to {many:,} buildings: {long / short:.2f} times the CPU, n log n is {allowed:.2f} times")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def compared(name: str, path: Path, households: int) -> Iterator[str]:
    """Yield the rows of an extract: the other ways, then ours at several settings."""
    problem = cities.extract(path, households, 0.5)
    ground = prepare(problem)
    count = max(1, round(float(ground.weights.sum()) / households))
    others: dict[str, Callable[[], baselines.Polygons]] = {
        "square grid": lambda: baselines.squares(ground, count),
        "H3": lambda: baselines.hexagons(ground, count),
        "balanced k-means, Voronoi": lambda: baselines.means(ground, count),
        "METIS on our atoms": lambda: baselines.metis(prepare(problem, 0.15 * households), count, households),
    }
    for title, make in others.items():
        began = time.process_time()
        shapes = make()
        spent = time.process_time() - began
        yield row(name, title, quality.judged(ground, shapes, households), spent)
    for setting in SETTINGS:
        yield ours(name, cities.extract(path, households, setting), f"ours, setting {setting:g}")[0]
    for seed in SEEDS:
        yield ours(name, replace(problem, seed=seed), f"ours, setting 0.5, seed {seed}")[0]
    yield ours(name, replace(problem, households=None, number=count), f"ours, setting 0.5, {count} grids asked for")[0]


def ours(name: str, problem: Problem, title: str = "ours") -> tuple[str, float]:
    """Split and return the row and the seconds of CPU it took."""
    began = time.process_time()
    proposal = split(problem)
    spent = time.process_time() - began
    return row(name, title, dict(proposal.quality), spent), spent


def row(name: str, title: str, measured: dict[str, object], spent: float) -> str:
    """Return one line of the table."""
    compact = measured["polsby_popper"]
    assert isinstance(compact, dict)
    cells = [
        name,
        title,
        str(measured["grids"]),
        f"{measured['variation']:.3f}",
        f"{measured['within_10_percent']:.0%}",
        f"{compact['mean']:.3f}",
        f"{compact['min']:.2f}",
        f"{measured['major_road_inside_km_per_km2']:.2f}",
        str(measured["buildings_cut"]),
        f"{measured['gap_m2']:g}",
        f"{spent:.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
