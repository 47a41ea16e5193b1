"""The top floor: what is seen."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MapsConfig(AppConfig):
    """Layers, tiles and pages."""

    name = "maps"
    verbose_name = _("Maps and pages")

    def ready(self) -> None:
        """Register the clock's tasks of this floor."""
        from maps.privacy import retention  # noqa: F401
