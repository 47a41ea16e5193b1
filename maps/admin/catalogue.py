"""The catalogue: the same everywhere, changed by who administers a whole district, and by new editions only."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from grids.catalogue import local_edition
from grids.models import Category, Checklist, CheckpointType, Criterion, WorkingDay
from maps.admin.base import ScopedAdmin, ScopedInline
from maps.admin.periods import DAY
from maps.admin.site import site
from maps.admin.territory import ADMIN


class CatalogueAdmin(ScopedAdmin):
    """What is the same for all districts."""

    everywhere = True
    change_roles = ADMIN
    actions = None


@admin.register(Category, site=site)
class CategoryAdmin(CatalogueAdmin):
    """Categories: a change makes a new edition of the row, and old reports keep the one they were filed under."""

    list_display = ("code", "name", "group", "acts", "limit_minutes", "limit_unit", "verify", "active", "version")
    list_filter = ("active", "acts", "limit_unit", "hazard", "trivial", "group")
    search_fields = ("code", "name", "name_en", "group")
    ordering = ("-active", "sort", "code", "-id")
    fixed = ("code",)
    readonly_fields = ("version",)
    fieldsets = (
        (
            None,
            {"fields": ["code", "version", "active", "name", "name_en", "glyph", "group", "group_en", "sort"]},
        ),
        (
            gettext_lazy("Who acts"),
            {"fields": ["kind", "acts", "body", "trivial", "hazard", "stairwell", "verify", "after_photo", "skills"]},
        ),
        (gettext_lazy("Time limits"), {"fields": ["wait_minutes", "limit_minutes", "limit_unit"]}),
        (gettext_lazy("The same one and again"), {"fields": ["near_metres", "near_days", "recurs_days"]}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An edition out of use stays as it was."""
        return super().has_change_permission(request, obj) and (obj is None or obj.active)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A category is taken out of use."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write a new edition of the row; taking it out of use changes nothing else."""
        if change and form.changed_data == ["active"]:
            obj.save(update_fields=["active"])
            return
        if change:
            Category.objects.filter(pk=obj.pk).update(active=False)
            obj.pk, obj._state.adding = None, True
        obj.version = local_edition(obj.code)
        obj.save(force_insert=True)


@admin.register(CheckpointType, site=site)
class CheckpointTypeAdmin(CatalogueAdmin):
    """Types of checkpoints."""

    list_display = ("code", "glyph", "name", "name_en", "geometry", "sort")
    search_fields = ("code", "name", "name_en")
    ordering = ("sort", "code")
    fixed = ("code", "geometry")
    fields = ("code", "name", "name_en", "glyph", "geometry", "sort")


class CriterionInline(ScopedInline):
    """What a checklist scores."""

    model = Criterion
    everywhere = True
    change_roles = ADMIN
    fields = ("code", "name", "name_en", "weight", "per_metres", "at_least")
    ordering = ("code",)
    show_change_link = False


@admin.register(Checklist, site=site)
class ChecklistAdmin(CatalogueAdmin):
    """Checklists: one that is in force is not changed; a new version begins on a later day."""

    list_display = ("type", "version", "valid_from", "in_force")
    list_filter = ("type",)
    list_select_related = ("type",)
    search_fields = ("type__name", "type__code")
    ordering = ("type__sort", "-version")
    fixed = ("type",)
    readonly_fields = ("version",)
    fields = ("type", "version", "valid_from")
    inlines = (CriterionInline,)
    change_form_template = "maps/admin/checklist_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is in force was scored with."""
        return super().has_change_permission(request, obj) and (obj is None or not self.in_force(obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Number a new checklist after the last one of its type."""
        if not change:
            obj.version = next_version(obj.type)
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        """Return the routes, with the one for a new version."""
        view = self.admin_site.admin_view(require_POST(self.renew))
        return [path("<int:identity>/renew/", view, name="grids_checklist_renew"), *super().get_urls()]

    def renew(self, request: HttpRequest, identity: int) -> HttpResponse:
        """Copy a checklist into a new version that begins tomorrow."""
        old = self.get_queryset(request).filter(pk=identity).first()
        if old is None:
            raise Http404
        if not self.has_add_permission(request):
            raise PermissionDenied
        with transaction.atomic():
            new = Checklist.objects.create(
                type=old.type, version=next_version(old.type), valid_from=timezone.localdate() + DAY
            )
            for row in old.criteria.all():
                row.pk, row.checklist, row._state.adding = None, new, True
                row.save(force_insert=True)
        self.message_user(request, _("Made %(checklist)s; it begins tomorrow.") % {"checklist": new}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:grids_checklist_change", args=[new.pk]))

    @admin.display(description=gettext_lazy("in force"), boolean=True)
    def in_force(self, row: Any) -> bool:
        """Whether it has begun."""
        return bool(row.valid_from <= timezone.localdate())


def next_version(kind: CheckpointType) -> int:
    """Return the number of the next checklist of a type."""
    return (Checklist.objects.filter(type=kind).aggregate(last=Max("version"))["last"] or 0) + 1


@admin.register(WorkingDay, site=site)
class WorkingDayAdmin(CatalogueAdmin):
    """The working calendar as rows, with their history; the page of the calendar changes them."""

    may_add = False
    list_display = ("day", "working", "name", "provisional", "reason")
    list_filter = ("working", "provisional")
    search_fields = ("name", "reason")
    date_hierarchy = "day"
    ordering = ("-day",)
    change_list_template = "maps/admin/working_days.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Changes move time limits, and the page of the calendar says which."""
        return False
