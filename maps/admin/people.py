"""People, their roles and what they answer for. Nobody gives more than they have, or anything to themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.models import Assignment, Availability, Membership, Person, Skill
from grids.reach import has_power_over, may_give
from grids.scope import scope_of
from maps.admin.base import ScopedAdmin, ScopedInline
from maps.admin.forms import ScopedForm
from maps.admin.places import is_list
from maps.admin.site import site
from maps.admin.territory import ADMIN, Territory

CONTACT = ("phone", "email")


def check_role(request: HttpRequest, cleaned: dict[str, Any], form: forms.ModelForm[Any]) -> None:
    """Refuse a role that the person of the request may not give there, or would give to themselves."""
    role = cleaned.get("role") or form.instance.role
    region = cleaned.get("region") or getattr(form.instance, "region", None)
    person = cleaned.get("person") or getattr(form.instance, "person", None)
    if person is not None and person.pk == request.user.pk:
        form.add_error(None, ValidationError(_("Your own roles are given and ended by somebody else.")))
    elif role and region and not may_give(scope_of(request.user), role, region.code):
        form.add_error(None, ValidationError(_("This role is not yours to give in %(region)s.") % {"region": region}))


class MembershipInline(ScopedInline):
    """The roles of a person within the regions of who looks."""

    model = Membership
    change_roles = ADMIN
    fields = ("role", "region", "team", "organisation", "period")
    fixed = ("role", "region")
    autocomplete_fields = ("region", "team", "organisation")
    ordering = ("-period",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave roles elsewhere out: they are others' business."""
        rows = super().get_queryset(request).filter(self.condition(self.seen_in(request)))
        return rows.select_related("region", "team", "organisation")

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Return the formset; a new person needs one role at least, or nobody would find them again."""

        class Given(ScopedForm):
            fixed = self.fixed

            def clean(self) -> dict[str, Any]:
                cleaned: dict[str, Any] = super().clean() or self.cleaned_data
                if self.has_changed():
                    check_role(request, cleaned, self)
                return cleaned

        self.form = Given
        if obj is None:
            options |= {"min_num": 1, "validate_min": True}
        return super().get_formset(request, obj, **options)


class SkillInline(ScopedInline):
    """What a volunteer can do."""

    model = Skill
    change_roles = ADMIN
    fields = ("code",)


class AvailabilityInline(ScopedInline):
    """When in the week a volunteer can be asked."""

    model = Availability
    change_roles = ADMIN
    fields = ("weekday", "starts", "ends")


@admin.register(Person, site=site)
class PersonAdmin(ScopedAdmin):
    """People with a role in the regions of who looks; a person who leaves stays in the records."""

    change_roles = ADMIN
    list_display = ("name", "username", "roles", "party_member", "is_active", "tombstoned_at")
    list_filter = ("party_member", "is_active", "memberships__role")
    search_fields = ("name", "name_en", "username")
    ordering = ("name", "id")
    fixed = ("username",)
    readonly_fields = ("created_at", "tombstoned_at")
    inlines = (MembershipInline, SkillInline, AvailabilityInline)
    actions = None
    change_form_template = "maps/admin/person_form.html"

    def condition(self, where: Territory) -> Q:
        """Return who had, has or will have a role in a territory."""
        return Q(pk__in=Membership.objects.filter(where.within("region__code")).values("person"))

    def history_condition(self, request: HttpRequest) -> Q:
        """Return the events of the people seen."""
        return Q(pgh_obj__in=Person.objects.filter(self.condition(self.seen_in(request))).values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Never read a password's hash; fetch the roles with the list."""
        rows = super().get_queryset(request).defer("password")
        if not is_list(request):
            return rows
        today = Membership.objects.current().filter(self.here(request)).select_related("region").defer("region__geom")
        return rows.prefetch_related(Prefetch("memberships", today, "today"))

    def here(self, request: HttpRequest) -> Q:
        """Return the condition that a membership lies where the person of the request looks."""
        return self.seen_in(request).within("region__code")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether somebody has power over a person: not over themselves, nor over who may do more."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None:
            return True
        known: dict[int, bool] = request.__dict__.setdefault("_power", {})
        if obj.pk not in known:
            known[obj.pk] = obj.pk != request.user.pk and has_power_over(scope_of(request.user), obj)
        return known[obj.pk]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People leave; they are not deleted."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show how to reach somebody only to who has power over them."""
        fields = ["username", "name", "name_en", "party_member", "is_active"]
        if obj is None:
            return [*fields, *CONTACT]
        contact = CONTACT if self.has_change_permission(request, obj) else ()
        return [*fields, *contact, "created_at", "tombstoned_at"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Give a new person no password: an invitation or a reset brings it. Write only what changed."""
        if change:
            obj.save(update_fields=form.changed_data)
            return
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        """Return the routes, with the one for leaving."""
        leave: URLPattern = path(
            "<int:identity>/leave/", self.admin_site.admin_view(self.leave), name="grids_person_leave"
        )
        return [leave, *super().get_urls()]

    def leave(self, request: HttpRequest, identity: int) -> HttpResponse:
        """Show what ends when a person leaves, and end it."""
        person = self.get_queryset(request).filter(pk=identity).first()
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person) or person.tombstoned_at is not None:
            raise PermissionDenied
        today = timezone.localdate()
        roles = Membership.objects.not_over().filter(person=person).select_related("region")
        duties = Assignment.objects.not_over().filter(person=person)
        if request.method == "POST":
            with transaction.atomic():
                for row in [*roles, *duties]:
                    end(row, today)
                Person.objects.filter(pk=person.pk).update(is_active=False, tombstoned_at=timezone.now())
            self.message_user(request, _("%(name)s has left.") % {"name": person}, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:grids_person_change", args=[person.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("%(name)s leaves") % {"name": person},
            "opts": self.opts,
            "person": person,
            "roles": roles,
            "duties": duties.select_related("grid", "checkpoint", "stairwell__building", "zone"),
        }
        return TemplateResponse(request, "maps/admin/leave.html", context)

    @admin.display(description=gettext_lazy("roles today"))
    def roles(self, row: Any) -> str:
        """The roles somebody holds today where the reader looks."""
        return ", ".join(f"{one.get_role_display()} ({one.region})" for one in row.today) or "—"


def end(row: Any, today: date) -> None:
    """End a row with yesterday; one that has not held on any past day never did, and stays: others may refer to it."""
    began = row.period.lower is None or row.period.lower < today
    row.period = DateRange(row.period.lower, today) if began else DateRange(empty=True)
    row.save(update_fields=["period"])


@admin.register(Membership, site=site)
class MembershipAdmin(ScopedAdmin):
    """Roles with their time."""

    view_roles = ADMIN
    change_roles = ADMIN
    fixed = ("person", "role", "region")
    list_display = ("person", "role", "region", "team", "organisation", "holds")
    list_filter = ("role",)
    list_select_related = ("person", "region", "team", "organisation")
    search_fields = ("person__name", "person__username", "region__name", "region__code")
    ordering = ("-period", "id")
    autocomplete_fields = ("person", "region", "team", "organisation")
    fields = ("person", "role", "region", "team", "organisation", "period")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave outlines and passwords out."""
        rows = super().get_queryset(request)
        return rows.defer("region__geom", "organisation__jurisdiction", "person__password")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person could give this role themselves."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None:
            return True
        return obj.person_id != request.user.pk and may_give(scope_of(request.user), obj.role, obj.region.code)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """Return the form, which knows who may give what."""
        form = super().get_form(request, obj, change, **options)

        class Given(form):  # type: ignore[misc, valid-type]
            def clean(self) -> dict[str, Any]:
                cleaned: dict[str, Any] = super().clean() or self.cleaned_data
                check_role(request, cleaned, self)
                return cleaned

        return Given

    def end_today(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """End the chosen roles, but not one's own nor any beyond one's own."""
        scope = scope_of(request.user)
        mine = [
            row.pk
            for row in rows.select_related("region")
            if row.person_id != request.user.pk and may_give(scope, row.role, row.region.code)
        ]
        super().end_today(request, rows.filter(pk__in=mine))

    end_today.short_description = ScopedAdmin.end_today.short_description  # type: ignore[attr-defined]
    end_today.allowed_permissions = ("change",)  # type: ignore[attr-defined]


@admin.register(Assignment, site=site)
class AssignmentAdmin(ScopedAdmin):
    """Who answers for which place; another owner is another row."""

    paths = (
        "grid__region__code",
        "checkpoint__region__code",
        "stairwell__building__region__code",
        "zone__region__code",
    )
    holders = ("person", "team", "organisation")
    places = ("grid", "checkpoint", "stairwell", "zone")
    fixed = ("role", *holders, *places)
    list_display = ("place", "role", "holder", "holds")
    list_filter = ("role",)
    list_select_related = (*holders, "grid", "checkpoint", "stairwell__building", "zone")
    search_fields = ("person__name", "person__username", "team__name", "grid__name", "grid__code", "checkpoint__name")
    ordering = ("-period", "id")
    autocomplete_fields = (*holders, *places)
    fieldsets = (
        (None, {"fields": ["role", "period"]}),
        (gettext_lazy("Who"), {"fields": holders}),
        (gettext_lazy("Which place"), {"fields": places}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave outlines and passwords out."""
        heavy = ("grid__geom", "checkpoint__geom", "stairwell__geom", "stairwell__building__geom", "zone__geom")
        return super().get_queryset(request).defer(*heavy, "organisation__jurisdiction", "person__password")

    @admin.display(description=gettext_lazy("place"))
    def place(self, row: Any) -> str:
        """The grid, checkpoint, stairwell or zone."""
        return str(row.grid or row.checkpoint or row.stairwell or row.zone)

    @admin.display(description=gettext_lazy("who"))
    def holder(self, row: Any) -> str:
        """The person, team or organisation."""
        return str(row.holder)
