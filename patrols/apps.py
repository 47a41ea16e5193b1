"""The middle floor: what happens in the field."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatrolsConfig(AppConfig):
    """Patrols, reports and their events."""

    name = "patrols"
    verbose_name = _("Patrols and reports")

    def ready(self) -> None:
        """Register the outbox handlers and the clock's tasks of this floor."""
        from patrols import (  # noqa: F401
            bulk,
            due_times,
            grid_streets,
            measuring,
            notices,
            parking,
            partitions,
            patrolling,
            public_cells,
            public_effort,
            settling,
            succession,
            tasks,
        )
        from patrols.offering import calling  # noqa: F401
        from patrols.photos import upkeep  # noqa: F401
        from patrols.plans import committing, making, replaying  # noqa: F401
        from patrols.posts import planning, telling  # noqa: F401
        from patrols.regridding import accepting  # noqa: F401
        from patrols.routing import trial  # noqa: F401
