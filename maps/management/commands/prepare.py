"""`manage.py prepare`: everything that has to be done once before the processes start, safe to repeat."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from grids.catalogue import load_categories, load_checkpoint_types, seed_working_days
from grids.history import attributed
from maps.cells.recounting import fill
from maps.demo import loading
from maps.models import CellCursor
from maps.site.static import source_state
from patrols import partitions

LOCK = 7_345_117  # any constant: two machines that prepare at once take turns


class Command(BaseCommand):
    """Migrate, load the catalogue, make partitions, load the demo city in demo mode, collect static files."""

    help = "Bring database and static files up to date; in demo mode load the demo city."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps, each with its time."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [LOCK])
        try:
            self._step("database", lambda: call_command("migrate", verbosity=0, interactive=False))
            self._step("cache table", lambda: call_command("createcachetable", verbosity=0))
            self._step("catalogue", load_catalogue)
            self._step("partitions", partitions.make_ahead)
            if settings.DEMO and not loading.is_loaded():
                self._step("demo city", lambda: loading.load(timezone.now(), settings.DEMO_PASSWORD))
            if not CellCursor.objects.exists():
                self._step("counts", fill)
            self._step("static files", collect_static)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [LOCK])

    def _step(self, name: str, work: Any) -> None:
        began = time.monotonic()
        work()
        self.stdout.write(f"  {name:<14}{time.monotonic() - began:6.1f} s")


def collect_static() -> None:
    """Collect the static files under their hashed names, unless nothing changed since the last time."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    state = source_state()
    if mark.exists() and mark.read_text() == state:
        return
    mark.unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(state)


@attributed(command="prepare")
def load_catalogue() -> None:
    """Load categories, checkpoint types and the working calendar from `fixtures/catalogue`."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "catalogue"
    categories = json.loads((folder / "categories.json").read_text(encoding="utf-8"))
    load_categories(categories["version"], categories["categories"])
    types = json.loads((folder / "checkpoint_types.json").read_text(encoding="utf-8"))
    load_checkpoint_types(types["checkpoint_types"])
    seed_working_days(timezone.localdate())
