"""System checks with stable ids."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def demo_accounts(**_: Any) -> list[CheckMessage]:
    """E001: demo mode is not for a deployment."""
    if not settings.DEMO:
        return []
    return [
        Error(
            "Demo mode has accounts with a known password.",
            hint="Set GRIDWARDEN_MODE=production.",
            id="gridwarden.E001",
        )
    ]


@register(Tags.security)
def demo_on_loopback(**_: Any) -> list[CheckMessage]:
    """E002: demo mode answers to names of this machine only."""
    local = {"127.0.0.1", "localhost", "[::1]", "testserver"}
    if not settings.DEMO or set(settings.ALLOWED_HOSTS) <= local:
        return []
    return [
        Error(
            "Demo mode answers to names beyond this machine.",
            hint="Leave GRIDWARDEN_ALLOWED_HOSTS empty, or set GRIDWARDEN_MODE=production.",
            id="gridwarden.E002",
        )
    ]


@register(Tags.compatibility)
def base_map_is_attributed(**_: Any) -> list[CheckMessage]:
    """W001: a base map from elsewhere names its source."""
    if settings.TILE_URL and not settings.TILE_ATTRIBUTION:
        return [
            Warning(
                "The base map from elsewhere has no attribution.",
                hint="Set GRIDWARDEN_TILE_ATTRIBUTION, and GRIDWARDEN_MAP_APPROVAL for a public map.",
                id="gridwarden.W001",
            )
        ]
    return []
