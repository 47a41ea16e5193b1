"""What every page shows around its content: navigation by role, unread count, language."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of all pages."""
    return {}
