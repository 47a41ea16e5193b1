"""Who deals with a report, and how to reach whoever asked."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Organisation, Person, Team
from grids.models.people import exactly_one
from grids.scope import Scope


class PartyRole(models.TextChoices):
    """How a party takes part."""

    LEAD = "lead", _("lead")
    RESPONSIBLE = "responsible", _("responsible")


class PartyState(models.TextChoices):
    """Where a party's own part stands."""

    ASKED = "asked", _("asked")
    WORKING = "working", _("working")
    DONE = "done", _("done")
    LEFT = "left", _("no longer taking part")


PRESENT_STATES = (PartyState.ASKED, PartyState.WORKING, PartyState.DONE)
BUSY_STATES = (PartyState.ASKED, PartyState.WORKING)
NEWEST = ("-report_recorded_at", "-report")
HOLDERS = ("person", "team", "organisation")


class PartyQuerySet(models.QuerySet["Party"]):
    """Parties that take part."""

    def present(self) -> Self:
        """Keep those that still take part."""
        return self.filter(state__in=PRESENT_STATES)

    def busy(self) -> Self:
        """Keep those that still have their part to do."""
        return self.filter(state__in=BUSY_STATES)

    def leading(self) -> Self:
        """Keep the present leads, with whoever they are."""
        return self.present().filter(role=PartyRole.LEAD).select_related("person", "team", "organisation")


class Party(models.Model):
    """A person, team or body that deals with a report (责任方), with a state of its own.

    `report_recorded_at` repeats what never changes, so that the newest of somebody's many reports are found at once.
    """

    report = models.ForeignKey("patrols.Report", models.CASCADE, related_name="parties")
    district = models.CharField(max_length=6)
    role = models.CharField(_("role"), max_length=12, choices=PartyRole, default=PartyRole.LEAD)
    state = models.CharField(_("state"), max_length=8, choices=PartyState, default=PartyState.ASKED)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField(_("since"))
    report_recorded_at = models.DateTimeField(editable=False)

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            exactly_one("party_one_holder", list(HOLDERS)),
            models.UniqueConstraint(
                fields=["district", "report"],
                condition=Q(role=PartyRole.LEAD) & ~Q(state=PartyState.LEFT),
                name="party_one_lead",
            ),
        ]
        indexes = [
            *(
                models.Index(fields=[holder, *NEWEST], name=f"party_{holder}", condition=Q(state__in=PRESENT_STATES))
                for holder in HOLDERS
            ),
            # What somebody has in hand is little beside all that they ever did.
            *(
                models.Index(fields=[holder], name=f"party_{holder}_busy", condition=Q(state__in=BUSY_STATES))
                for holder in HOLDERS
            ),
        ]

    def __str__(self) -> str:
        return str(self.holder)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it with the report's own time."""
        if self.report_recorded_at is None:
            self.report_recorded_at = self.report.recorded_at
        super().save(*args, **kwargs)

    @property
    def holder(self) -> Person | Team | Organisation:
        """Whoever takes part."""
        holder = self.person or self.team or self.organisation
        assert holder is not None
        return holder

    def belongs_to(self, scope: Scope) -> bool:
        """Whether somebody is this party, or of its team or body."""
        return (
            self.person_id == scope.person_id
            or self.team_id in scope.teams
            or self.organisation_id in scope.organisations
        )


class Contact(models.Model):
    """How to reach who made a request (联系方式): encrypted, gone at its purge date; `patrols.contacts` reads it."""

    report = models.OneToOneField("patrols.Report", models.CASCADE, related_name="contact")
    district = models.CharField(max_length=6)
    sealed = models.BinaryField(_("encrypted"))
    purge_on = models.DateField(_("purge date"), db_index=True)

    class Meta:
        verbose_name = _("contact")

    def __str__(self) -> str:
        return f"{self.report} · {self.purge_on:%Y-%m-%d}"
