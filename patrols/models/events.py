"""The history of reports: append-only, in monthly partitions."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from grids.models import Organisation, Team
from patrols.models.fields import CurrentTransactionId, TransactionIdField
from patrols.models.reports import Report
from patrols.workflow import State


class Event(models.Model):
    """One thing that happened to a report (案件动态).

    `occurred_at` is when it happened, `recorded_at` when we learned it. `transaction` is the writing transaction's
    id: a consumer keeps its cursor below the oldest running one, since a lower id may commit later.
    """

    pk = models.CompositePrimaryKey("district", "recorded_at", "id")
    id = models.UUIDField(default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    report = models.ForeignKey(Report, models.CASCADE, related_name="events")
    verb = models.CharField(_("what"), max_length=20)
    before = models.CharField(_("state before"), max_length=18, choices=State, blank=True)
    after = models.CharField(_("state after"), max_length=18, choices=State)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    transaction = TransactionIdField(db_default=CurrentTransactionId())

    class Meta:
        verbose_name = _("event")
        indexes = [models.Index(fields=["transaction", "id"], name="event_cursor")]

    def __str__(self) -> str:
        return f"{self.verb} {self.after}"
