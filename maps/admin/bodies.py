"""Organisations and teams, their pairings and honours."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from grids.models import Honour, Organisation, Pairing, Team
from maps.admin.base import ScopedAdmin, ScopedInline
from maps.admin.places import is_list
from maps.admin.site import site


class HonourInline(ScopedInline):
    """The honours of an organisation."""

    model = Honour
    paths = ("organisation__region__code",)
    fields = ("title", "status", "period")


class PairingInline(ScopedInline):
    """The communities an organisation is paired with."""

    model = Pairing
    fields = ("region", "period")
    autocomplete_fields = ("region",)


@admin.register(Organisation, site=site)
class OrganisationAdmin(ScopedAdmin):
    """Bodies with powers or duties, and where they have them."""

    fixed = ("code",)
    list_display = ("name", "code", "kind", "region", "holds")
    list_filter = ("kind",)
    list_select_related = ("region",)
    search_fields = ("name", "name_en", "code")
    ordering = ("name", "id")
    autocomplete_fields = ("region",)
    inlines = (HonourInline, PairingInline)
    fields = ("code", "name", "name_en", "kind", "region", "period", "jurisdiction")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the outlines out of lists."""
        rows = super().get_queryset(request).defer("region__geom")
        return rows.defer("jurisdiction", "region__geom") if is_list(request) else rows


@admin.register(Team, site=site)
class TeamAdmin(ScopedAdmin):
    """The tree of volunteers' teams."""

    fixed = ("code",)
    list_display = ("name", "code", "level", "parent", "region")
    list_filter = ("level",)
    list_select_related = ("region", "parent")
    search_fields = ("name", "name_en", "code")
    ordering = ("level", "name", "id")
    autocomplete_fields = ("region", "parent")
    fields = ("code", "name", "name_en", "level", "parent", "region")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the outlines out."""
        return super().get_queryset(request).defer("region__geom")


@admin.register(Pairing, site=site)
class PairingAdmin(ScopedAdmin):
    """Bodies paired with communities."""

    fixed = ("organisation", "region")
    list_display = ("organisation", "region", "holds")
    list_select_related = ("organisation", "region")
    search_fields = ("organisation__name", "region__name", "region__code")
    ordering = ("-period", "id")
    autocomplete_fields = ("organisation", "region")
    fields = ("organisation", "region", "period")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the outlines out."""
        return super().get_queryset(request).defer("organisation__jurisdiction", "region__geom")


@admin.register(Honour, site=site)
class HonourAdmin(ScopedAdmin):
    """Honours of bodies: revoked ones leave the totals, not the history."""

    paths = ("organisation__region__code",)
    fixed = ("organisation",)
    list_display = ("title", "organisation", "status", "holds")
    list_filter = ("status",)
    list_select_related = ("organisation",)
    search_fields = ("title", "organisation__name")
    ordering = ("-period", "id")
    autocomplete_fields = ("organisation",)
    fields = ("organisation", "title", "status", "period")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the outlines out."""
        return super().get_queryset(request).defer("organisation__jurisdiction")
