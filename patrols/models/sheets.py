"""Assignment sheets: which reports a body was handed on paper, as they stood then, and what it reported back."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Organisation
from patrols.models.reports import Report
from patrols.workflow import State


class Sheet(models.Model):
    """A numbered list of reports handed to a body (问题交办单), with its receipt (整改回执).

    `region_code` is the smallest region that holds all of its reports. Numbers run within a district and a year.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    region_code = models.CharField(_("region"), max_length=12)
    year = models.PositiveSmallIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("running number"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("body"), related_name="sheets")
    note = models.CharField(_("what is asked"), max_length=500, blank=True)
    answer_by = models.DateField(_("answer by"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("assignment sheet")
        verbose_name_plural = _("assignment sheets")
        constraints = [
            models.UniqueConstraint(fields=["district", "year", "serial"], name="sheet_number"),
            models.CheckConstraint(name="sheet_serial_positive", condition=Q(serial__gt=0)),
        ]
        indexes = [
            models.Index(fields=["region_code", "-made_at"], name="sheet_region"),
            models.Index(fields=["organisation", "-made_at"], name="sheet_body"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number as it stands on paper."""
        return f"{self.year}-{self.serial:04}"


class SheetItem(models.Model):
    """A report on a sheet: its state and time limit when the sheet was made, and the body's answer."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"))
    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    state = models.CharField(_("state then"), max_length=18, choices=State)
    due_at = models.DateTimeField(_("to be fixed by"), null=True, blank=True)
    words = models.CharField(_("what was done"), max_length=500, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("report on a sheet")
        verbose_name_plural = _("reports on a sheet")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "position"], name="sheet_item_position"),
            models.UniqueConstraint(fields=["sheet", "report"], name="sheet_item_once"),
            models.CheckConstraint(
                name="sheet_item_answer_whole",
                condition=Q(words="", done_on__isnull=True, answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(words="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} · {self.position}"
