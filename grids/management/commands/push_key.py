"""`manage.py push_key`: makes the key by which browsers' push services know this site (VAPID)."""

from typing import Any

from django.core.management.base import BaseCommand

from grids.webpush import new_key, public_key


class Command(BaseCommand):
    """Prints a line for the environment, and keeps nothing."""

    help = "Make a key for notices in the browser (web push) and print it as a setting."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a new private key; its public half is told beside the output, since nobody has to set it."""
        key = new_key()
        self.stdout.write(f"GRIDWARDEN_PUSH_KEY={key}")
        self.stderr.write(
            f"Keep it as you keep GRIDWARDEN_SECRET_KEY. Its public half is {public_key(key)}. With another key every "
            "browser has to be turned on again."
        )
