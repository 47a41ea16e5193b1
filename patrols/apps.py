"""The middle floor: what happens in the field."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatrolsConfig(AppConfig):
    """Patrols, reports and their events."""

    name = "patrols"
    verbose_name = _("Patrols and reports")

    def ready(self) -> None:
        """Register the outbox handlers and the clock's tasks of this floor."""
        from patrols import due_times, measuring, notices, parking, partitions, patrolling, succession  # noqa: F401
        from patrols.photos import upkeep  # noqa: F401
        from patrols.regridding import accepting  # noqa: F401
