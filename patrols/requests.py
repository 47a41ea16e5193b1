"""Requests of residents (群众需求): who is asked to take one, and who takes it (居民点单、物业接单、党员服务)."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Organisation
from grids.models.catalogue import Kind
from grids.models.people import OrganisationKind
from grids.problems import Conflict
from grids.scope import Scope
from patrols import contacts
from patrols.contacts import Details
from patrols.models import Party, Report
from patrols.models.parties import PartyRole, PartyState


def begin(report: Report, details: Details, now: datetime) -> None:
    """Keep the contact of a new request and ask the property companies of the place, within the caller's transaction.

    Those asked see it at once; the first that takes it leads it. Where there is none it waits for the dispatcher.
    """
    contacts.keep(report, details)
    companies = Organisation.objects.on(timezone.localdate(now)).filter(
        kind=OrganisationKind.PROPERTY, jurisdiction__covers=report.anchor
    )
    Party.objects.bulk_create(
        Party(
            report=report,
            district=report.district,
            role=PartyRole.RESPONSIBLE,
            organisation_id=company,
            since=now,
            report_recorded_at=report.recorded_at,
        )
        for company in companies.values_list("pk", flat=True)
    )


def asked_by(report: Report, scope: Scope) -> Party | None:
    """Return the party by which somebody's body was asked to take a request."""
    rows = (party for party in contacts.parties_of(report) if party.state == PartyState.ASKED)
    mine = (party for party in rows if party.role == PartyRole.RESPONSIBLE and party.organisation_id)
    return next((party for party in mine if party.organisation_id in scope.organisations), None)


def take(report: Report, scope: Scope) -> Party:
    """Make the body that was asked the lead, and let the others go, within the caller's transaction.

    Whoever swapped the report's state before is the only one to come here.
    """
    mine = asked_by(report, scope)
    if mine is None:
        raise taken_by_another()
    release_asked(report, but=mine.pk)
    mine.role, mine.state = PartyRole.LEAD, PartyState.WORKING
    mine.save(update_fields=["role", "state"])
    return mine


def release_asked(report: Report, but: int = 0) -> None:
    """Let the bodies go that were asked to take a request and did not."""
    asked = Party.objects.filter(report=report, state=PartyState.ASKED, organisation__isnull=False)
    asked.filter(role=PartyRole.RESPONSIBLE).exclude(pk=but).update(state=PartyState.LEFT)
    report.__dict__.pop("present", None)


def missed(identity: UUID, scope: Scope) -> Conflict | None:
    """Return what to say to a body that was asked to take a request, when another was quicker."""
    gone = Party.objects.filter(
        report=identity,
        report__kind=Kind.REQUEST,
        state=PartyState.LEFT,
        organisation__in=scope.organisations,
    )
    return taken_by_another() if gone.exists() else None


def taken_by_another() -> Conflict:
    """Return what the slower of two is told."""
    return Conflict(_("Another body has taken this request."))
