"""The base of every administered model: limited to the person's regions, with maps, history and no lost past.

Who may see and change what is derived from the memberships a person holds today. A row belongs to the regions that
`paths` lead to from it; rows on the ground without a region belong to those they lie in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pghistory.models import Event

from grids.models.base import Dated
from grids.search import index
from maps.admin.changes import object_history
from maps.admin.forms import ScopedForm
from maps.admin.geometry import MapWidget, field_for
from maps.admin.periods import period_field, period_text
from maps.admin.stale import FIELD, SENTENCE, is_stale, stamp
from maps.admin.territory import PLANNER_TOO, Territory, territory

ROWS = 50
if TYPE_CHECKING:
    _Inline = admin.TabularInline[Any, Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _Inline, _ModelAdmin = admin.TabularInline, admin.ModelAdmin


class Reach:
    """How far somebody reaches into a table; shared by lists, inlines, choices and histories."""

    model: type[models.Model]
    view_roles: ClassVar[tuple[str, ...]] = PLANNER_TOO
    change_roles: ClassVar[tuple[str, ...]] = PLANNER_TOO
    paths: ClassVar[tuple[str, ...]] = ("region__code",)
    ground: ClassVar[str] = ""  # the geometry that decides where a row belongs that has no region
    everywhere: ClassVar[bool] = False  # the same for all districts: seen by all, changed by who holds a whole one

    def condition(self, where: Territory) -> Q:
        """Return which rows lie in a territory; holds for the table and for its history."""
        if self.everywhere:
            return Q() if where else Q(pk__in=[])
        found = Q(pk__in=[])
        for path in self.paths:
            found |= where.within(path)
        if self.ground and where and where.area:
            homeless = Q(**{f"{path.rpartition('__')[0]}__isnull": True for path in self.paths})
            found |= homeless & Q(**{f"{self.ground}__intersects": where.area})
        return found

    def history_condition(self, request: HttpRequest) -> Q:
        """Return which events of this table's history the person sees: by where the row lay then."""
        return self.condition(self.seen_in(request))

    def seen_in(self, request: HttpRequest) -> Territory:
        """Return where the person sees rows of this table."""
        return territory(request, self.view_roles)

    def changed_in(self, request: HttpRequest) -> Territory:
        """Return where the person changes rows of this table."""
        where = territory(request, self.change_roles)
        return where if not self.everywhere or where.whole_district else Territory(())


class Searched(AutocompleteSelect):
    """A choice that is searched for; what stands in a form or an address and is no key at all chooses nothing."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """Return what is chosen, for the keys among the values."""
        remote: models.Field[Any, Any] = self.field.target_field
        return super().optgroups(name, [one for one in value if not one or is_key(remote, one)], attrs)


def is_key(column: models.Field[Any, Any], text: object) -> bool:
    """Whether a text could be a row's key."""
    try:
        column.to_python(text)
    except ValidationError:
        return False
    return "\0" not in str(text)


class Choices(Reach):
    """Form fields: geometries, periods, and foreign keys within the person's reach."""

    admin_site: admin.AdminSite

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any) -> Any:
        """Return our own field for geometries and periods."""
        if isinstance(db_field, GeometryField):
            return field_for(db_field)
        if isinstance(db_field, DateRangeField):
            return period_field(db_field)
        return super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer only rows that the person reaches with the roles that change this table."""
        other = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(other, ScopedAdmin) and "queryset" not in options:
            options["queryset"] = other.choosable(request, self.changed_in(request))
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            options["widget"] = Searched(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)  # type: ignore[misc]


class ScopedInline(Choices, _Inline):
    """Rows below the row they belong to; they lie where it lies."""

    fields: ClassVar[Any]
    form = ScopedForm
    extra = 0
    show_change_link = True
    fixed: ClassVar[tuple[str, ...]] = ()  # set when a row is made, and not changed afterwards

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Return the formset, whose forms know what is fixed."""
        form = type("FixedForm", (self.form,), {"fixed": self.fixed})
        return super().get_formset(request, obj, form=form, **options)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the row above sees them."""
        return bool(self.seen_in(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change them may add some."""
        return bool(self.changed_in(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change them somewhere; the row above says whether here."""
        return bool(self.changed_in(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What holds for a time is ended."""
        return bool(self.changed_in(request)) and not issubclass(self.model, Dated)


class ScopedAdmin(Choices, _ModelAdmin):
    """A table within the person's regions."""

    form = ScopedForm
    list_per_page = ROWS
    list_max_show_all = ROWS
    show_full_result_count = False
    view_on_site = False
    save_on_top = False
    may_add: ClassVar[bool] = True
    fixed: ClassVar[tuple[str, ...]] = ()  # set when a row is made, and not changed afterwards
    actions: Any = ("end_today",)
    list_select_related: ClassVar[Any] = False
    search_fields: ClassVar[Any] = ()

    # -- who ----------------------------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the table is shown at all."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person sees rows here; which ones, the queryset says."""
        return bool(self.seen_in(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the person may add rows here."""
        return self.may_add and bool(self.changed_in(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may change rows here, or this very one."""
        where = self.changed_in(request)
        if obj is None or not where or self.everywhere or where == self.seen_in(request):
            return bool(where)
        known: dict[object, bool] = request.__dict__.setdefault("_changeable", {})
        key = (self.opts.label, obj.pk)
        if key not in known:
            known[key] = self.model._base_manager.filter(self.condition(where), pk=obj.pk).exists()
        return known[key]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a mistake is deleted: something on which nothing hangs and which has not held on any past day."""
        if obj is None or not self.has_change_permission(request, obj):
            return False
        return is_mistake(obj)

    # -- which ----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the person sees."""
        return super().get_queryset(request).filter(self.condition(self.seen_in(request)))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # type: ignore[override]
        """Take from an address what a filter of the list asks, and nothing that only PostgreSQL can read or refuse."""
        asked = [*self.get_list_filter(request), self.date_hierarchy]
        offered = any(
            name and (lookup == name or lookup.startswith(f"{name}__")) for name in map(str, filter(None, asked))
        )
        return offered and "\0" not in value and super().lookup_allowed(lookup, value, request)

    def choosable(self, request: HttpRequest, where: Territory) -> QuerySet[Any]:
        """Return the rows of this table that may be chosen by who reaches a territory."""
        rows = self.model._default_manager.filter(self.condition(where))
        return rows.order_by(*self.get_ordering(request))

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404(_("There is no such thing here."))

    # -- what -----------------------------------------------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the fields that are shown only."""
        fields = list(cast("list[str]", super().get_readonly_fields(request, obj)))
        return fields + [name for name in self.fixed if obj is not None and name not in fields]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """Return the form, which knows where the person may put rows."""
        form = super().get_form(request, obj, change, **options)
        where, place = self.changed_in(request), self

        stale = bool(request.__dict__.get("_stale"))

        class Placed(form):  # type: ignore[misc, valid-type]
            def clean(self) -> dict[str, Any]:
                cleaned: dict[str, Any] = super().clean() or self.cleaned_data
                place.check_place(cleaned, where, self)
                if stale:
                    self.add_error(None, ValidationError(SENTENCE))
                return cleaned

        return Placed

    def check_place(self, cleaned: dict[str, Any], where: Territory, form: forms.ModelForm[Any]) -> None:
        """Refuse a geometry outside of the row's region, or of the person's when it has none."""
        for name, value in list(cleaned.items()):
            column = self.opts.get_field(name) if name in {field.name for field in self.opts.fields} else None
            if not isinstance(column, GeometryField) or value is None or name not in form.changed_data:
                continue
            region = cleaned.get("region") or getattr(form.instance, "region", None)
            if region is not None and not region.geom.intersects(value):
                form.add_error(name, ValidationError(_("It does not lie in %(region)s.") % {"region": region}))
            elif where.area is None or not where.area.intersects(value):
                form.add_error(name, ValidationError(_("It lies outside of your regions.")))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Say that somebody was faster: where the row changed meanwhile, or the database refuses what was possible."""
        row = None if object_id is None else self.check_there(request, object_id)
        try:
            with transaction.atomic():
                if row is not None:
                    extra_context = {**(extra_context or {}), "seen": self._seen(request, row)}
                return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            sentence = _("Somebody else changed this at the same moment; nothing was written. Please look again.")
            self.message_user(request, sentence, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def _seen(self, request: HttpRequest, row: Any) -> str:
        """Return the stamp that the form carries, and mark a form that is sent with an older one."""
        below = self.get_inline_instances(request, row)
        if request.method != "POST":
            return stamp(row, below)
        request.__dict__["_stale"] = is_stale(request, row, below)
        return request.POST.get(FIELD, "")

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Say that there is nothing before saying that it may not be deleted."""
        self.check_there(request, object_id)
        return super().delete_view(request, object_id, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show every change of a row, as the database recorded it."""
        return object_history(self, request, self.check_there(request, object_id))

    def check_there(self, request: HttpRequest, object_id: str) -> Any:
        """Return a row that the person sees; refuse the table first, then say that there is no such row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what hangs on the row too, and let the search know what they are called now."""
        super().save_related(request, form, formsets, change)
        for row in (form.instance, *(below.instance for formset in formsets for below in formset.forms)):
            index.follow(row)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a row, from the search as well."""
        key = obj.pk
        super().delete_model(request, obj)
        index.follow(obj, key)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Write no log beside the history, which knows more and which nobody can change."""

    log_change = log_addition  # type: ignore[assignment]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Write no log beside the history."""

    # -- what is over -----------------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer to end rows that hold for a time, and never to delete many at once."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        if not issubclass(self.model, Dated) or not self.changed_in(request) or "period" in self.readonly_fields:
            actions.pop("end_today", None)
        return actions

    @admin.action(description=gettext_lazy("End with yesterday as the last day"), permissions=["change"])
    def end_today(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """End the chosen rows that hold today; those that began today stay."""
        today = timezone.localdate()
        chosen = rows.filter(self.condition(self.changed_in(request)), period__contains=today)
        ended = 0
        with transaction.atomic():
            for row in chosen.select_for_update(of=("self",)):
                if row.period.lower is not None and row.period.lower >= today:
                    continue
                row.period = DateRange(row.period.lower, today)
                row.save(update_fields=["period"])
                index.follow(row)
                ended += 1
        self.message_user(request, _("Ended: %(count)d.") % {"count": ended}, messages.SUCCESS)

    @admin.display(description=gettext_lazy("period"), ordering="period")
    def holds(self, row: Any) -> str:
        """The period in words."""
        return period_text(row.period)


def is_mistake(row: models.Model) -> bool:
    """Whether nothing refers to a row, and it has not held on any past day."""
    if isinstance(row, Dated):
        first = row.period.lower
        if first is None or first < timezone.localdate():
            return False
    for relation in row._meta.get_fields(include_hidden=True):
        below: Any = relation.related_model
        if not isinstance(relation, models.ManyToOneRel) or issubclass(below, Event):
            continue
        if below._base_manager.filter(**{relation.field.name: row.pk}).exists():
            return False
    return True


class ReadOnlyGeometry:
    """Shows a geometry on the map without letting anybody draw; beside a read-only field of the form."""

    @property
    def media(self) -> forms.Media:
        """What the map needs, beside what the form does."""
        shown: forms.Media = super().media + MapWidget((), editable=False).media  # type: ignore[misc]
        return shown

    @admin.display(description=gettext_lazy("on the map"))
    def on_the_map(self, row: Any) -> Any:
        """The geometry as a map."""
        name = next(field.name for field in row._meta.fields if isinstance(field, GeometryField))
        widget = MapWidget((), editable=False)
        return widget.render(f"shown_{name}", getattr(row, name), {"id": f"id_shown_{name}"})
