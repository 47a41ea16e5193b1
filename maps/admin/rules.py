"""Routing rules, to be looked at with their history: they are written on their own page, in a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from maps.admin.base import ScopedAdmin
from maps.admin.site import site
from patrols.models import RoutingEdition, RoutingRule


class _Kept(ScopedAdmin):
    may_add = False
    actions = None
    paths = ("region_code",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was in force stays, so that the past can be explained."""
        return False


@admin.register(RoutingEdition, site=site)
class RoutingEditionAdmin(_Kept):
    """Editions of rules."""

    list_display = ("region_code", "number", "state", "since", "until", "published_by")
    list_select_related = ("published_by",)
    search_fields = ("region_code",)
    ordering = ("region_code", "-number", "id")
    readonly_fields = ("region_code", "number", "state", "made_by", "made_at", "published_by", "since", "until")
    fields = readonly_fields


@admin.register(RoutingRule, site=site)
class RoutingRuleAdmin(_Kept):
    """Rules of all editions."""

    list_display = ("edition", "position", "target", "organisation", "team", "active", "approval", "automatic")
    list_select_related = ("edition", "organisation", "team")
    search_fields = ("region_code",)
    ordering = ("-edition__id", "position", "id")
    readonly_fields = (
        "edition", "position", "active", "categories", "groups", "place", "zone", "time", "weekdays", "starts", "ends",
        "first_day", "last_day", "target", "organisation", "team", "approval", "automatic",
    )  # fmt: skip
    fields = readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave outlines out."""
        rows = super().get_queryset(request).select_related("zone")
        return rows.defer("organisation__jurisdiction", "zone__geom")
