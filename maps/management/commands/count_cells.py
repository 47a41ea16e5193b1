"""`manage.py count_cells`: compare the counts of the heat map with the reports, or make them anew."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from maps.cells.recounting import fill, reconcile


class Command(BaseCommand):
    """Counts problems by cell from the reports, puts right what differs and says how many counts did."""

    help = "Compare the counts of the heat map with the reports and put them right; --anew makes them from scratch."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to compare."""
        parser.add_argument("--anew", action="store_true", help="do not compare, make all counts anew")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, and say how far it is."""
        began = time.monotonic()

        def say(text: str, share: float) -> None:
            self.stdout.write(f"  {time.monotonic() - began:7.1f} s  {share:4.0%}  {text}")
            self.stdout.flush()

        result = fill(say) if options["anew"] else reconcile(say)
        self.stdout.write(
            f"{result.problems:,} problems, {result.counts:,} counts, {result.drawn:,} cells drawn,"
            f" {result.differences:,} counts put right in {time.monotonic() - began:.1f} s"
        )
