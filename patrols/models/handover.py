"""Handing a responsibility over on a day: what was planned, what moved, and what undoing restores."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grids.models import Assignment, Membership
from patrols.models.reports import Report


class HandoverState(models.TextChoices):
    """Where a handover stands."""

    PLANNED = "planned", _("planned")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class Handover(models.Model):
    """Responsibilities of one person that go to another, or to nobody yet, from a day on (责任交接).

    `codes` are the regions within which whoever planned it may do so; `kinds` what is handed over.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7)
    district = models.CharField(max_length=6)
    codes = ArrayField(models.CharField(max_length=12))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_from")
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="handovers_to"
    )
    day = models.DateField(_("from this day on"))
    kinds = ArrayField(models.CharField(max_length=12))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=HandoverState, default=HandoverState.PLANNED)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("handover")
        constraints = [
            models.CheckConstraint(
                name="handover_to_another", condition=Q(successor__isnull=True) | ~Q(successor=F("person"))
            ),
        ]
        indexes = [
            models.Index(fields=["day"], name="handover_planned", condition=Q(state=HandoverState.PLANNED)),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.successor or '—'} · {self.day:%Y-%m-%d}"


class HandoverItem(models.Model):
    """One thing that a handover moved: the row that ended, its end before, and the row that began."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="items")
    district = models.CharField(max_length=6)
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="+")
    ended_before = models.DateField(null=True)
    new_assignment = models.ForeignKey(Assignment, models.SET_NULL, null=True, related_name="+")
    new_membership = models.ForeignKey(Membership, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("item of a handover")
        verbose_name_plural = _("items of handovers")
        constraints = [
            models.CheckConstraint(
                name="handover_item_is_one_thing",
                condition=Q(assignment__isnull=False, membership__isnull=True, report__isnull=True)
                | Q(assignment__isnull=True, membership__isnull=False, report__isnull=True)
                | Q(assignment__isnull=True, membership__isnull=True, report__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.assignment or self.membership or self.report)
