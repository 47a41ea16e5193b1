"""Who answers for a place: rows below every place that can have an owner."""

from typing import Any

from django.http import HttpRequest

from grids.models import Assignment
from maps.admin.base import ScopedInline


class AssignmentInline(ScopedInline):
    """The responsibilities for the place above; they are ended, not deleted."""

    model = Assignment
    fields = ("role", "person", "team", "organisation", "period")
    autocomplete_fields = ("person", "team", "organisation")
    fixed = ("role", "person", "team", "organisation")
    ordering = ("-period",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch the holders with them."""
        return super().get_queryset(request).select_related("person", "team", "organisation")
