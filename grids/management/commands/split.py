"""`manage.py split`: fair, contiguous, gap-free grids from files, without a database."""

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grids import split_files, split_words
from grids.places_import.progress import Progress
from grids.problems import BadInput
from grids.splitting import MODES, UNIT_AREA, Problem, Proposal, SplitError, split


class Command(BaseCommand):
    """Reads what GDAL reads, writes GeoJSON and the quality as JSON; docs/splitting.md explains both."""

    help = "Split an area into grids of about the same number of households."
    # The files are all it needs: no database is asked, not even by a check.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--boundary", type=Path, required=True, help="the area to split")
        parser.add_argument("--boundary-where", default="", help="which area of the file: admin_level='8' AND name='…'")
        parser.add_argument("--streets", type=Path, required=True)
        parser.add_argument("--buildings", type=Path, required=True, help="with a column households; 1 where unknown")
        parser.add_argument("--railways", type=Path)
        parser.add_argument("--waterways", type=Path)
        size = parser.add_mutually_exclusive_group(required=False)
        size.add_argument("--households", type=int, help="wanted in each grid")
        size.add_argument("--grids", type=int, help="how many grids")
        parser.add_argument(
            "--mode", choices=MODES, default="service", help="nested: service grids that consist of whole unit grids"
        )
        parser.add_argument("--unit-area", type=float, default=UNIT_AREA, help="of a unit grid, in m²")
        parser.add_argument("--barriers", help="kinds of streets and ways, or roads, rails, rivers, none; by comma")
        parser.add_argument("--setting", type=float, default=0.5, help="0: compact … 1: along barriers")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--output", type=Path, required=True, help="GeoJSON of the grids")
        parser.add_argument("--metrics", type=Path, help="JSON of their quality")

    def handle(self, *args: Any, **given: Any) -> None:
        """Read, split, write; one sentence for whatever cannot be."""
        shown = None if given["verbosity"] == 0 else sys.stderr
        try:
            problem = _problem(given, Progress(shown))
            proposal = split(problem, Steps(shown))
        except BadInput as refusal:
            raise CommandError(str(refusal.sentence)) from refusal
        except SplitError as error:
            raise CommandError(split_words.refusal(error)) from error
        try:
            split_files.write_grids(proposal, given["output"])
            if given["metrics"]:
                split_files.write_metrics(proposal, given["metrics"])
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        self.stdout.write("\n".join([*split_words.told(proposal.remarks), *summary(proposal)]))


class Steps:
    """Writes the steps to a terminal or a log, each when it begins and every two seconds."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._step, self._last = stream, "", 0.0

    def __call__(self, step: str, share: float) -> None:
        """Take the splitter's progress."""
        now = time.monotonic()
        if self._stream is None or (step == self._step and now - self._last < 2):
            return
        self._step, self._last = step, now
        self._stream.write(f"{share:4.0%} {split_words.step(step)}\n")
        self._stream.flush()


def summary(proposal: Proposal) -> list[str]:
    """Return the quality in one line, and that of unit grids in another."""
    quality = proposal.quality
    people = quality["households"]
    lines = [
        f"{quality['grids']} grids; households {people['min']}–{people['median']:g}–{people['max']}; "
        f"variation {quality['variation']:.3f}; within 10 % {quality['within_10_percent']:.0%}; "
        f"Polsby–Popper {quality['polsby_popper']['mean']:.3f}; "
        f"barriers inside {quality['barrier_inside_km_per_km2']:.2f} km/km²; cut {quality['buildings_cut']}; "
        f"{quality['seconds']} s"
    ]
    if units := quality.get("units"):
        area = units["area_m2"]
        lines.append(
            f"{units['grids']} unit grids; area {area['min']:.0f}–{area['median']:.0f}–{area['max']:.0f} m²; "
            f"within half of {units['target_area_m2']:g} m² {units['area_within_half']:.0%}; "
            f"Polsby–Popper {units['polsby_popper']['mean']:.3f}; "
            f"barriers inside {units['barrier_inside_km_per_km2']:.2f} km/km²; cut {units['buildings_cut']}"
        )
    return lines


def _problem(given: dict[str, Any], progress: Progress) -> Problem:
    ways = split_files.read_ways(given["streets"], "streets", progress)
    for name in ("railways", "waterways"):
        if given[name]:
            ways += split_files.read_ways(given[name], name, progress)
    return Problem(
        boundary=split_files.read_boundary(given["boundary"], given["boundary_where"], progress),
        ways=ways,
        houses=split_files.read_houses(given["buildings"], progress),
        households=given["households"],
        number=given["grids"],
        barriers=split_files.barriers(given["barriers"]),
        setting=given["setting"],
        seed=given["seed"],
        unit_area=given["unit_area"] if given["mode"] == "nested" else None,
    )
