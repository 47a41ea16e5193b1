"""`manage.py export_person USERNAME FILE`: everything that is kept about a person, as a ZIP."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grids.models import Person
from maps.backup.problems import BackupError
from maps.privacy.exporting import export


class Command(BaseCommand):
    """Writes what the person has a right to be handed; credentials are left out."""

    help = "Export everything that is kept about a person into a ZIP of JSON files."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person and the file."""
        parser.add_argument("username")
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say what it holds."""
        person = Person.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(f"There is nobody with the user name “{options['username']}”.")
        try:
            counts = export(person, Path(options["file"]))
        except BackupError as error:
            raise CommandError(str(error)) from error
        for name, count in counts.items():
            self.stdout.write(f"  {count:>8,}  {name}")
