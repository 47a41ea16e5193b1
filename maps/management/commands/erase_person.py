"""`manage.py erase_person USERNAME`: what is known of a person goes; what happened stays under an anonymous id."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grids.history import attributed
from grids.models import Person
from maps.privacy import erasing, ledger


class Command(BaseCommand):
    """Erases a person after the user name was typed again, and writes it into the ledger."""

    help = "Erase a person: name, contact data, devices, tokens, messages; reports keep an anonymous id."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person."""
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, erase, and say what is left to do."""
        username = options["username"]
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is nobody with the user name “{username}”.")
        if not options["yes"]:
            self.stdout.write(f"This cannot be undone. Type the user name {username} again to erase: ", ending="")
            self.stdout.flush()
            if sys.stdin.readline().strip() != username:
                raise CommandError("That is not the user name: nothing was changed.")
        with attributed(command="erase_person"):
            erasing.erase(person)
        ledger.reconcile()
        self.stdout.write(
            f"Erased; what happened stays under the id {person.pk}. Copy {ledger.path()} to where the backups lie: a"
            " restore repeats the erasures it names."
        )
