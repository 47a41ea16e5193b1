"""The top floor: what is seen."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MapsConfig(AppConfig):
    """Layers, tiles and pages."""

    name = "maps"
    verbose_name = _("Maps and pages")

    def ready(self) -> None:
        """Register the clock's tasks, the jobs and the words of this floor."""
        from maps.cells import keeping  # noqa: F401
        from maps.exports import report_table  # noqa: F401
        from maps.hotspots import running  # noqa: F401
        from maps.pages import said  # noqa: F401
        from maps.papers import files  # noqa: F401
        from maps.privacy import own_export, retention  # noqa: F401
