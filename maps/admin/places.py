"""Regions, streets, buildings, stairwells, named places and grids."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.models import Assignment, Building, Grid, Place, Region, Stairwell, Street
from grids.models.people import AssignmentRole
from grids.models.places import RegionLevel
from maps.admin.assignments import AssignmentInline
from maps.admin.base import ReadOnlyGeometry, ScopedAdmin, ScopedInline
from maps.admin.site import site
from maps.admin.territory import ADMIN, Territory

# Square degrees, about 10 m²: outlines drawn along each other never fit to the last digit.
TOUCHING = 1e-9
LEVEL_OF_DIGITS = {6: RegionLevel.DISTRICT, 9: RegionLevel.SUBDISTRICT, 12: RegionLevel.COMMUNITY}


def with_origin(*fields: str) -> Any:
    """Return the sections of a form: what a row is, and where it comes from."""
    origin = {"classes": ["collapse"], "fields": ["source", "source_id"]}
    return (None, {"fields": fields}), (gettext_lazy("Where it comes from"), origin)


class SourcedAdmin(ScopedAdmin):
    """Things that may come from an import: their identity at the source stays as it is."""

    fixed: ClassVar[tuple[str, ...]] = ("source", "source_id")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Offer an id for what is entered by hand."""
        return {"source": "local", "source_id": uuid4().hex[:12], **super().get_changeform_initial_data(request)}


@admin.register(Region, site=site)
class RegionAdmin(SourcedAdmin):
    """Regions: the code says where one belongs and is not changed afterwards."""

    change_roles = ADMIN
    paths = ("code",)
    fixed = ("code", "level", "parent", "source", "source_id")
    list_display = ("code", "name", "name_en", "level", "holds")
    list_filter = ("level",)
    search_fields = ("code", "name", "name_en")
    ordering = ("code",)
    autocomplete_fields = ("parent",)
    fieldsets = with_origin("code", "name", "name_en", "level", "parent", "period", "geom")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the outlines out of lists."""
        rows = super().get_queryset(request)
        return rows.defer("geom") if is_list(request) else rows

    def check_place(self, cleaned: dict[str, Any], where: Territory, form: forms.ModelForm[Any]) -> None:
        """Refuse a region outside of the person's, or one whose code does not continue its parent's."""
        super().check_place(cleaned, where, form)
        code = cleaned.get("code")
        if code is None or form.instance.pk is not None:
            return
        parent = cleaned.get("parent")
        if not where.covers(code):
            form.add_error("code", ValidationError(_("This code lies outside of your regions.")))
        elif len(code) > 6 and (parent is None or parent.code != code[:-3]):
            form.add_error(
                "parent", ValidationError(_("Its parent has to be the region %(code)s.") % {"code": code[:-3]})
            )
        elif LEVEL_OF_DIGITS.get(len(code)) != cleaned.get("level"):
            form.add_error("level", ValidationError(_("The level does not fit the number of digits of the code.")))


@admin.register(Street, site=site)
class StreetAdmin(SourcedAdmin):
    """Streets belong to every region they touch."""

    paths = ()
    ground = "geom"
    list_display = ("name", "name_en", "kind", "source")
    list_filter = ("kind",)
    search_fields = ("name", "name_en")
    ordering = ("name", "id")
    fieldsets = with_origin("name", "name_en", "kind", "tunnel", "geom")


class StairwellInline(ScopedInline):
    """The stairwells of a building; their doors are set on their own pages."""

    model = Stairwell
    fields = ("label", "households")
    paths = ("building__region__code",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A stairwell needs its door on the map."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own page says whether it can go."""
        return False


@admin.register(Building, site=site)
class BuildingAdmin(SourcedAdmin):
    """Buildings with their households."""

    ground = "geom"
    list_display = ("name", "estate", "kind", "households", "floors", "region")
    list_filter = ("kind",)
    list_select_related = ("region",)
    search_fields = ("name", "name_en", "estate")
    ordering = ("estate", "name", "id")
    autocomplete_fields = ("region",)
    inlines = (StairwellInline,)
    fieldsets = with_origin("name", "name_en", "kind", "estate", "households", "floors", "region", "geom")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the outlines of the regions out."""
        return super().get_queryset(request).defer("region__geom")


@admin.register(Stairwell, site=site)
class StairwellAdmin(SourcedAdmin):
    """Stairwells and who looks after them."""

    paths = ("building__region__code",)
    list_display = ("building", "label", "households", "steward")
    list_select_related = ("building",)
    search_fields = ("label", "building__name", "building__estate")
    ordering = ("building__estate", "building__name", "label")
    autocomplete_fields = ("building",)
    inlines = (AssignmentInline,)
    fieldsets = with_origin("building", "label", "households", "geom")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the owners with the list."""
        rows = super().get_queryset(request).defer("building__geom")
        return with_owners(rows) if is_list(request) else rows

    @admin.display(description=gettext_lazy("owner"))
    def steward(self, row: Any) -> str:
        """Who answers for it today."""
        return owner_of(row)


@admin.register(Place, site=site)
class PlaceAdmin(SourcedAdmin):
    """Names that people search for."""

    paths = ()
    ground = "geom"
    list_display = ("name", "name_en", "kind", "other_names")
    list_filter = ("kind",)
    search_fields = ("name", "name_en", "aliases")
    ordering = ("name", "id")
    fieldsets = with_origin("name", "name_en", "aliases", "kind", "geom")

    @admin.display(description=gettext_lazy("other names"))
    def other_names(self, row: Any) -> str:
        """The aliases in one line."""
        return ", ".join(row.aliases)


@admin.register(Grid, site=site)
class GridAdmin(ReadOnlyGeometry, ScopedAdmin):
    """Grids: drawn once; afterwards their outline and time are for splitting, name, households and owners for here."""

    list_display = ("code", "name", "kind", "households", "region", "owner", "holds")
    list_filter = ("kind",)
    list_select_related = ("region",)
    search_fields = ("code", "name")
    ordering = ("code",)
    autocomplete_fields = ("region", "parent")
    inlines = (AssignmentInline,)
    actions = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Offer an outline for a new grid, and show it afterwards."""
        if obj is None:
            return ["code", "name", "kind", "region", "parent", "households", "period", "geom"]
        return ["name", "households", *self.get_readonly_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave what a split decides as it is."""
        return [] if obj is None else ["code", "kind", "region", "parent", "holds", "on_the_map"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the owners with the list, and no outlines."""
        rows = super().get_queryset(request).defer("region__geom")
        return with_owners(rows.defer("geom", "region__geom")) if is_list(request) else rows

    def check_place(self, cleaned: dict[str, Any], where: Territory, form: forms.ModelForm[Any]) -> None:
        """Refuse a grid whose code is not its community's, or which lies on another one."""
        super().check_place(cleaned, where, form)
        code, region, geom = cleaned.get("code"), cleaned.get("region"), cleaned.get("geom")
        if code and region and not (len(code) == 15 and code.isdigit() and code.startswith(region.code)):
            form.add_error("code", ValidationError(_("A grid's code is its community's and three digits more.")))
        if geom is None or not cleaned.get("period"):
            return
        same = Grid.objects.filter(kind=cleaned.get("kind"), period__overlap=cleaned["period"], geom__intersects=geom)
        lies_on = next((grid for grid in same if grid.geom.intersection(geom).area > TOUCHING), None)
        if lies_on is not None:
            form.add_error("geom", ValidationError(_("It lies on %(grid)s.") % {"grid": lies_on}))

    @admin.display(description=gettext_lazy("owner"))
    def owner(self, row: Any) -> str:
        """Who answers for it today."""
        return owner_of(row)


def with_owners(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Fetch the owners of today with each row, in one more query for the whole list."""

    today = Assignment.objects.current().filter(role=AssignmentRole.OWNER)
    owners = today.select_related("person", "team", "organisation").defer("organisation__jurisdiction")
    return rows.prefetch_related(Prefetch("assignments", owners, "owners"))


def owner_of(row: Any) -> str:
    """Return whoever answers for a row fetched by `with_owners`."""
    return ", ".join(str(one.holder) for one in getattr(row, "owners", ())) or "—"


def is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith(("_changelist", "autocomplete"))
