"""`manage.py demo --again`: the demo city anew, with its dates relative to today."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from maps.cells.recounting import fill
from maps.demo import loading


class Command(BaseCommand):
    """Empties a demonstration's tables and loads the city again; refuses anywhere else."""

    help = "Load the demo city; --again throws away what is there first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the confirmation."""
        parser.add_argument("--again", action="store_true", help="throw away everything in the database first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, all or nothing."""
        if not settings.DEMO:
            raise CommandError("This is no demonstration: its data stay as they are.")
        with transaction.atomic():
            if options["again"]:
                loading.unload()
            elif loading.is_loaded():
                raise CommandError("The demo city is there already; --again throws it away and loads it anew.")
            count = loading.load(timezone.now(), settings.DEMO_PASSWORD)
        fill()
        self.stdout.write(f"The demo city is loaded, with {count} reports of the last ninety days.")
