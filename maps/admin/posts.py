"""Posts and their weekly shifts, as the administration keeps them; who stands there is said on the page of shifts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from maps.admin.base import ReadOnlyGeometry, ScopedAdmin
from maps.admin.places import is_list
from maps.admin.site import site
from patrols.models import Pattern, Post


@admin.register(Post, site=site)
class PostAdmin(ReadOnlyGeometry, ScopedAdmin):
    """Posts: made, moved and closed on their own page, where those who stand there are told."""

    may_add = False
    actions = None
    list_display = ("name", "region", "radius", "holds")
    list_select_related = ("region",)
    search_fields = ("name", "name_en", "region__name", "region__code")
    ordering = ("name", "id")
    readonly_fields = ("region", "period", "on_the_map")
    fields = ("name", "name_en", "region", "instruction", "radius", "skills", "period", "on_the_map")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave outlines out."""
        rows = super().get_queryset(request).defer("region__geom")
        return rows.defer("geom", "region__geom") if is_list(request) else rows


@admin.register(Pattern, site=site)
class PatternAdmin(ScopedAdmin):
    """Weekly shifts, to be looked at: they are planned and ended on the page of their post."""

    may_add = False
    actions = None
    paths = ("post__region__code",)
    list_display = ("post", "weekdays", "starts", "ends", "wanted", "worked_days", "holds")
    list_select_related = ("post",)
    search_fields = ("post__name", "post__name_en")
    ordering = ("post__name", "starts", "id")
    readonly_fields = ("post", "weekdays", "starts", "ends", "wanted", "worked_days", "period")
    fields = readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave places out."""
        return super().get_queryset(request).defer("post__geom")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They end; shifts hang on them."""
        return False
