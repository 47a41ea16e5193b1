"""Who may sign in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from grids.models import Person


class PersonBackend(ModelBackend):
    """Signs people in by password; a demonstration's people, whose password is known, only in a demonstration."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Refuse who left, who was shut out, and in production everybody invented; open sessions end too."""
        invented = isinstance(user, Person) and user.invented
        return super().user_can_authenticate(user) and not (invented and settings.PRODUCTION)
