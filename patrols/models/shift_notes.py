"""What one dispatcher hands to the next at the change of shift."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ShiftNote(models.Model):
    """A note at the change of a dispatcher's shift (交接班记录), with how things stood at that moment.

    `codes` are the regions in which its writer dispatched. `figures` counts open, waiting, sent_back, late and parked
    reports; `cases` are those late or parked, each with id, number, category, place, state and why it is listed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    codes = ArrayField(models.CharField(max_length=12))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))
    words = models.TextField(_("note"), max_length=2000, blank=True)
    figures = models.JSONField(_("figures"))
    cases = models.JSONField(_("cases"), default=list)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)

    class Meta:
        verbose_name = _("shift note")
        constraints = [
            models.CheckConstraint(
                name="shift_note_acknowledged_whole",
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["district", "-written_at"], name="shift_note_newest"),
            models.Index(fields=["district"], name="shift_note_open", condition=Q(acknowledged_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.written_at:%Y-%m-%d %H:%M}"
