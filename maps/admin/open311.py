"""Programs that file reports by Open311: their keys are made here, shown once, and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maps.admin.base import ScopedAdmin
from maps.admin.site import site
from maps.admin.territory import ADMIN
from patrols.models import Open311Client
from patrols.open311.keys import give_key

_KEY = "_open311_key"


@admin.register(Open311Client, site=site)
class Open311ClientAdmin(ScopedAdmin):
    """Clients of Open311, of the regions that somebody administers."""

    view_roles = ADMIN
    change_roles = ADMIN
    paths = ("region__code",)
    fixed = ("region",)
    actions = ("revoke",)
    list_display = ("name", "region", "ending", "rate", "made_at", "last_used_at", "revoked_at")
    list_select_related = ("region",)
    search_fields = ("name", "contact")
    ordering = ("name", "id")
    autocomplete_fields = ("region",)
    readonly_fields = ("ending", "made_by", "made_at", "last_used_at", "revoked_at")
    asked = ("name", "contact", "region", "rate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave outlines out."""
        return super().get_queryset(request).defer("region__geom")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a new client ask what is asked; the rest follows once it is there."""
        return (*self.asked, *self.readonly_fields) if obj else self.asked

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Give a new client its key."""
        if not change:
            request.__dict__[_KEY] = give_key(obj)
            obj.made_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the key, this once: it stands in no message, no session and no address."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Key of %(name)s") % {"name": obj},
            "opts": self.opts,
            "key": request.__dict__[_KEY],
            "client": obj,
        }
        response = TemplateResponse(request, "maps/admin/open311_key.html", context)
        response["Cache-Control"] = "private, no-store"
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is revoked; what it filed still says where it came from."""
        return False

    @admin.action(description=gettext_lazy("Revoke the keys of the chosen clients for ever"), permissions=["change"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """End keys at once."""
        chosen = rows.filter(self.condition(self.changed_in(request)), revoked_at__isnull=True)
        ended = Open311Client.objects.filter(pk__in=list(chosen.values_list("pk", flat=True))).update(
            revoked_at=timezone.now()
        )
        self.message_user(request, _("Revoked: %(count)d.") % {"count": ended}, messages.SUCCESS)
