"""`manage.py search_index`: brings the index of the search for places in step with the places."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from grids.search import index, sources


class Command(BaseCommand):
    """Compares every place with what the index says of it; safe to repeat, and quick when nothing changed."""

    help = "Bring the index of the search for places in step with the places."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sources to look through."""
        parser.add_argument("sources", nargs="*", choices=[*sources.ALL, []], help="which tables; all without any")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look through them and say what changed."""
        for source in options["sources"] or sources.ALL:
            began = time.monotonic()
            changes = index.refresh(source)
            self.stdout.write(
                f"  {source:<14}{changes.made:>9} made {changes.gone:>9} gone {time.monotonic() - began:8.1f} s"
            )
