"""The command that lists what the tables need to lie on several servers."""

from typing import Any

from django.core.management.base import BaseCommand

from maps.site.distribution import tables


class Command(BaseCommand):
    """Lists the tables that are distributed by district, with the keys that lack it (docs/scale.md)."""

    help = "List the tables as Citus would hold them, with the keys that have to take in the district."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Print three tables in Markdown."""
        found = tables()
        self.stdout.write("| distributed by district | unique keys without it | foreign keys without it |")
        self.stdout.write("|---|---|---|")
        for table in (one for one in found if one.distributed):
            self.stdout.write(f"| {table.name} | {'; '.join(table.unique)} | {'; '.join(table.foreign)} |")
        self.stdout.write(
            "\n| without a district, but referring to what has one: needs one | foreign keys |\n|---|---|"
        )
        for table in (one for one in found if one.blocking):
            self.stdout.write(f"| {table.name} | {'; '.join(table.blocking)} |")
        self.stdout.write("\n| the same on every server |\n|---|")
        for table in (one for one in found if not one.distributed and not one.blocking):
            self.stdout.write(f"| {table.name} |")
