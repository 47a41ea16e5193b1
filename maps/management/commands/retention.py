"""`manage.py retention`: forgets now what the clock forgets every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from maps.privacy import retention


class Command(BaseCommand):
    """Deletes what is past its term; safe to repeat."""

    help = "Delete what may be kept only so long: raw positions, contacts, sessions."

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget, and say how much."""
        for name, count in retention.run().items():
            self.stdout.write(f"  {count:>8,}  {name}")
