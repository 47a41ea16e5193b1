"""The API of what requests and tasks have beside other reports: a contact, and parts that others do."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.problems import BadInput
from grids.rest import ANY_ID, Input, once, read
from grids.scope import scope_of
from patrols import contacts, parts
from patrols.api import find, holder_given
from patrols.models.parties import PartyState
from patrols.presentation import holder_json, report_detail_json
from patrols.shapes import AskableShape, ContactShape, ReportDetailShape


class AskInput(Input):
    """Whom to ask: one of the two."""

    person = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)
    organisation = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False, allow_null=True)


class PartInput(Input):
    """Where a part stands."""

    state = serializers.ChoiceField([state for state in PartyState.values if state != PartyState.ASKED])
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ReportContact(APIView):
    """How to reach who asked."""

    @extend_schema(responses=ContactShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it to whoever deals with the request and to its dispatchers; each look is noted and shown."""
        report, scope = find(request, identity), scope_of(request.user)
        details = contacts.look(report, scope, timezone.now())
        answer = {"name": details.name, "phone": details.phone, "address": details.address}
        return Response(answer, headers={"Cache-Control": "no-store"})


class ReportParts(APIView):
    """Bringing others in."""

    @extend_schema(operation_id="reports_parts_askable", responses=AskableShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return who could be asked to take part."""
        report, scope = find(request, identity), scope_of(request.user)
        return Response({"results": [holder_json(holder) for holder in parts.askable(report, scope)], "next": None})

    @extend_schema(request=AskInput, responses={201: ReportDetailShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Ask a person to serve a request, or a body to do a part of a task."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            report = find(request, identity)
            holder = holder_given(read(AskInput, request))
            if holder is None:
                raise BadInput(_("Say who is to take part."))
            return 201, report_detail_json(parts.ask(report.pk, holder, scope), scope, timezone.now())

        return once(request, work)


class ReportPart(APIView):
    """One part."""

    @extend_schema(operation_id="reports_parts_say", request=PartInput, responses={200: ReportDetailShape})
    def post(self, request: Request, identity: UUID, party: int) -> HttpResponse:
        """Report one's own part begun, done or left; whoever leads may let another go, with a reason."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(PartInput, request)
            report = parts.say(identity, party, data["state"], scope, data["reason"])
            return 200, report_detail_json(report, scope, timezone.now())

        return once(request, work)


urlpatterns = [
    path("reports/<uuid:identity>/contact", ReportContact.as_view(), name="api-report-contact"),
    path("reports/<uuid:identity>/parts", ReportParts.as_view(), name="api-report-parts"),
    path("reports/<uuid:identity>/parts/<int:party>", ReportPart.as_view(), name="api-report-part"),
]
