"""What stands somewhere, and areas with rules of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from grids.models import Asset, Checkpoint, Designation, ServicePoint, Zone
from maps.admin.assignments import AssignmentInline
from maps.admin.base import ScopedAdmin, ScopedInline
from maps.admin.places import SourcedAdmin, is_list, owner_of, with_origin, with_owners
from maps.admin.site import site


class DesignationInline(ScopedInline):
    """When a checkpoint is on the zero-deduction list; who put it there is written by itself."""

    model = Designation
    fields = ("period", "designated_by")
    readonly_fields = ("designated_by",)
    ordering = ("-period",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch who put it there."""
        return super().get_queryset(request).select_related("designated_by")


class PlantAdmin(SourcedAdmin):
    """Things with a region, a kind and a place."""

    list_select_related: ClassVar[Any] = ("region",)
    search_fields: ClassVar[Any] = ("name", "name_en", "source_id")
    ordering = ("name", "id")
    autocomplete_fields = ("region",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the outlines out of lists."""
        rows = super().get_queryset(request).defer("region__geom")
        return rows.defer("geom", "region__geom") if is_list(request) else rows


@admin.register(Checkpoint, site=site)
class CheckpointAdmin(PlantAdmin):
    """Checkpoints with their owners and their time on the zero-deduction list."""

    list_display = ("name", "type", "region", "owner", "holds")
    list_filter = ("type",)
    list_select_related = ("region", "type")
    inlines = (AssignmentInline, DesignationInline)
    fieldsets = with_origin("name", "name_en", "type", "region", "period", "geom")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the owners with the list."""
        rows = super().get_queryset(request)
        return with_owners(rows) if is_list(request) else rows

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Write down who puts a checkpoint on the list."""
        if formset.model is Designation:
            for row in formset.save(commit=False):
                if row.designated_by_id is None:
                    row.designated_by_id = request.user.pk
        super().save_formset(request, form, formset, change)

    @admin.display(description=gettext_lazy("owner"))
    def owner(self, row: Any) -> str:
        """Who answers for it today."""
        return owner_of(row)


@admin.register(Zone, site=site)
class ZoneAdmin(PlantAdmin):
    """Areas and stretches with rules of their own."""

    list_display = ("name", "kind", "region", "holds")
    list_filter = ("kind",)
    inlines = (AssignmentInline,)
    fieldsets = with_origin("name", "name_en", "kind", "region", "period", "geom")


@admin.register(Asset, site=site)
class AssetAdmin(PlantAdmin):
    """Sign-boards, posters and other things that criteria count."""

    list_display = ("name", "kind", "region", "holds")
    search_fields = ("name", "name_en", "kind", "source_id")
    fieldsets = with_origin("name", "name_en", "kind", "region", "period", "geom")


@admin.register(ServicePoint, site=site)
class ServicePointAdmin(PlantAdmin):
    """Stations where volunteers serve."""

    list_display = ("name", "kind", "region", "holds")
    search_fields = ("name", "name_en", "kind", "source_id")
    fieldsets = with_origin("name", "name_en", "kind", "region", "period", "geom")


@admin.register(Designation, site=site)
class DesignationAdmin(ScopedAdmin):
    """The zero-deduction list with its past."""

    paths = ("checkpoint__region__code",)
    fixed = ("checkpoint",)
    list_display = ("checkpoint", "designated_by", "holds")
    list_select_related = ("checkpoint", "designated_by")
    search_fields = ("checkpoint__name", "checkpoint__name_en")
    ordering = ("-period", "id")
    autocomplete_fields = ("checkpoint",)
    readonly_fields = ("designated_by",)
    fields = ("checkpoint", "period", "designated_by")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write down who puts it on the list."""
        if not change:
            obj.designated_by_id = request.user.pk
        super().save_model(request, obj, form, change)
