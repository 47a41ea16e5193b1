"""Where more problems are found than chance and patrols explain, as a table."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from grids.models import Region
from grids.models.places import RegionLevel
from grids.problems import Problem
from maps.hotspots import wording
from maps.hotspots.computing import CODE_VERSION, Outcome, compute
from maps.hotspots.question import RESOLUTIONS, Question
from maps.models import HotspotCell, HotspotRun
from maps.models.hotspots import Unit
from patrols.models.reports import Source


class Command(BaseCommand):
    """Compares places and prints the hottest ones; nothing is stored."""

    help = "Find hotspots of a region in a period, print a table and what it means."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the period and everything that a run can be asked."""
        parser.add_argument("--since", required=True, type=date.fromisoformat, help="the first day, as 2026-09-01")
        parser.add_argument("--until", required=True, type=date.fromisoformat, help="the last day, itself included")
        parser.add_argument("--region", default="", help="code of a region; the only district without it")
        parser.add_argument("--unit", choices=Unit.values, default=Unit.CELLS)
        parser.add_argument("--resolution", type=int, choices=RESOLUTIONS, default=9, help="of the hexagons (H3)")
        parser.add_argument("--category", action="append", default=[], help="code of a category; may be repeated")
        parser.add_argument("--source", choices=Source.values, default="", help="how the problems came in")
        parser.add_argument("--uncorrected", action="store_true", help="do not correct for how much was walked")
        parser.add_argument("--permutations", type=int, default=0, help="pseudo p-values by so many permutations")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--limit", type=int, default=20, help="rows of the table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute and print."""
        question = Question(
            region=self._region(options["region"]),
            since=options["since"],
            until=options["until"],
            unit=options["unit"],
            resolution=options["resolution"],
            categories=tuple(sorted(set(options["category"]))),
            source=options["source"],
            corrected=not options["uncorrected"],
            permutations=options["permutations"],
            seed=options["seed"],
        )
        try:
            question.check()
            outcome = compute(question)
        except Problem as problem:
            raise CommandError(str(problem.sentence)) from problem
        self._print(_as_run(question, outcome), outcome, options["limit"])

    def _region(self, code: str) -> Region:
        rows = Region.objects.current()
        found = list(rows.filter(code=code) if code else rows.filter(level=RegionLevel.DISTRICT)[:2])
        if len(found) != 1:
            raise CommandError(_("Say which region with --region and its code."))
        region: Region = found[0]
        return region

    def _print(self, run: HotspotRun, outcome: Outcome, limit: int) -> None:
        self.stdout.write(wording.title(run))
        heads = (_("class"), "z", "q", _("found"), _("usual"), _("over time"), _("place"))
        line = "{:>5} {:>7} {:>8} {:>6} {:>8}  {:<12} {}"
        self.stdout.write(line.format(*heads))
        for place in outcome.places[:limit]:
            cell = HotspotCell(**place.columns)
            figures = [f"{cell.bin:+d}" if cell.tested else "—"]
            figures += ["—" if value is None else f"{value:.{digits}f}" for value, digits in ((cell.z, 2), (cell.q, 4))]
            usual = "—" if cell.expected is None else f"{cell.expected:.1f}"
            name = cell.local_name or cell.key
            self.stdout.write(line.format(*figures, cell.count, usual, cell.emerging, name))
        self.stdout.write(wording.headline(run))
        for note in wording.notes(run):
            self.stdout.write(note)


def _as_run(question: Question, outcome: Outcome) -> HotspotRun:
    return HotspotRun(
        region_code=question.region.code,
        since=question.since,
        until=question.until,
        unit=question.unit,
        source=question.source,
        corrected=question.corrected,
        code_version=CODE_VERSION,
        summary=outcome.summary,
    )
