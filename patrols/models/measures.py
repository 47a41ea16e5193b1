"""What is done about many reports at once, and where it was decided that nothing is."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.models import Organisation
from patrols.models.reports import Report


class MeasureState(models.TextChoices):
    """How far a measure is."""

    PLANNED = "planned", pgettext_lazy("measure", "planned")
    UNDER_WAY = "under_way", pgettext_lazy("measure", "under way")
    DONE = "done", pgettext_lazy("measure", "done")
    DROPPED = "dropped", pgettext_lazy("measure", "dropped")


class Measure(models.Model):
    """Something done about the cause of one or many reports (措施), by a body until a day."""

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    region_code = models.CharField(_("region"), max_length=12)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    body = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(_("due on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=MeasureState, default=MeasureState.PLANNED)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(_("made"))
    reports: "models.ManyToManyField[Report, MeasureLink]" = models.ManyToManyField(
        Report, through="MeasureLink", related_name="measures"
    )

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.CheckConstraint(name="measure_state_known", condition=Q(state__in=MeasureState.values)),
            models.CheckConstraint(name="measure_has_title", condition=~Q(title="")),
        ]
        indexes = [models.Index(fields=["district", "region_code", "-made_at", "-id"], name="measure_list")]

    def __str__(self) -> str:
        return self.title


class MeasureLink(models.Model):
    """A report that a measure answers."""

    district = models.CharField(max_length=6)
    measure = models.ForeignKey(Measure, models.CASCADE, related_name="links", db_index=False)
    report = models.ForeignKey(Report, models.CASCADE, related_name="measure_links")
    linked_at = models.DateTimeField(_("linked"))

    class Meta:
        verbose_name = _("report of a measure")
        verbose_name_plural = _("reports of measures")
        constraints = [models.UniqueConstraint(fields=["measure", "report"], name="measure_report_once")]

    def __str__(self) -> str:
        return f"{self.measure_id} · {self.report_id}"


class NoMeasure(models.Model):
    """That nothing is done about a report beyond fixing it, and why."""

    district = models.CharField(max_length=6)
    report = models.OneToOneField(Report, models.CASCADE, related_name="no_measure")
    reason = models.CharField(_("reason"), max_length=500)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name = _("explicitly no measure")
        verbose_name_plural = _("explicitly no measures")
        constraints = [models.CheckConstraint(name="no_measure_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return self.reason
