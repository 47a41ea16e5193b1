"""The ground floor: places, people and what every app stands on."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    """Who answers for which place."""

    name = "grids"
    verbose_name = _("Grids and people")

    def ready(self) -> None:
        """Register the system checks and the clock's tasks of this floor."""
        from grids import catalogue, channels, checks, jobs, outbox  # noqa: F401
        from grids.lists import committing  # noqa: F401
        from grids.search import index  # noqa: F401
        from grids.splits import bringing, editing, running  # noqa: F401
