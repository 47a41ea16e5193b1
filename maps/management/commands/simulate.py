"""`manage.py simulate`: an invented city at any size, for trials and benchmarks."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fixtures.simulation.schedule import Plan
from grids.models import Person
from grids.problems import BadInput, Conflict
from maps.cells.recounting import fill
from maps.management.commands.prepare import load_catalogue
from maps.simulate.run import Order, settle, simulate


class Command(BaseCommand):
    """Adds so many reports, volunteers and fixes of an invented city, all or nothing; refuses where real people are."""

    help = "Simulate a city: reports with their histories, volunteers, patrols with raw fixes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the counts, the seed and the window."""
        parser.add_argument("--reports", type=int, default=0, help="reports to add, with their events and parties")
        parser.add_argument("--volunteers", type=int, default=0, help="volunteers to add, each a member of a grid")
        parser.add_argument("--fixes", type=int, default=0, help="raw fixes of the last six days to add")
        parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same city")
        parser.add_argument("--districts", type=int, default=0, help="1 to 100; default: as many as it takes")
        parser.add_argument("--from-days", type=float, default=0, help="the youngest report is at least so old")
        parser.add_argument("--to-days", type=float, default=1_100, help="and the oldest at most so")
        parser.add_argument(
            "--open", type=float, default=0.05, help="share of open ones among the reports of the last 90 days"
        )
        parser.add_argument("--yes", action="store_true", help="in production too, where nobody is yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, write, and say what was written and how long it took."""
        if settings.PRODUCTION and not (options["yes"] and not Person.objects.exists()):
            raise CommandError(
                "Simulated people belong in a demonstration or a test. In production, only an empty database takes"
                " them, and only with --yes."
            )
        began = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(f"  {time.monotonic() - began:7.1f} s   {line}")
            self.stdout.flush()

        try:
            plan = Plan(options["reports"], options["from_days"], options["to_days"], options["open"])
            order = Order(plan, options["volunteers"], options["fixes"], options["seed"], options["districts"])
            load_catalogue()
            result = simulate(order, timezone.now(), say)
        except (BadInput, Conflict, ValueError) as error:
            raise CommandError(str(error)) from error
        say("statistics")
        settle()
        say("counts of the heat map")
        fill(lambda text, _share: say(text))
        counts = ", ".join(f"{count:,} {name}" for name, count in result.counts.items())
        say(f"done: {counts} in {result.districts} districts")
