"""What the public map is drawn of: counts by cell, and what was walked in a week; derived, with nobody in it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import Category


class PublicCell(models.Model):
    """How many problems of a category a cell has that a dispatcher took on (公众地图): open, and closed within a year.

    Kept by `patrols.public_cells`. `column` and `row` are thousandths of a degree (patrols.public). `shown` says
    whether enough stands behind the cell to be a public place; the others count for their community only. `took` are
    the hours from filing to closing of those that are closed.
    """

    district = models.CharField(max_length=6)
    region_code = models.CharField(_("community"), max_length=12, blank=True)
    column = models.BigIntegerField()
    row = models.BigIntegerField()
    category = models.ForeignKey(Category, models.CASCADE, related_name="+")
    open = models.PositiveIntegerField(_("open"))
    closed = models.PositiveIntegerField(_("closed"))
    closed_month = models.PositiveIntegerField(_("closed this month"))
    took = ArrayField(models.PositiveIntegerField(), verbose_name=_("hours it took"))
    shown = models.BooleanField(_("public place"))

    class Meta:
        verbose_name = _("public cell")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "region_code", "column", "row", "category"], name="public_cell_once"
            ),
        ]
        indexes = [
            models.Index(fields=["column", "row"], name="public_cell_place", condition=models.Q(shown=True)),
            models.Index(fields=["region_code"], name="public_cell_region"),
        ]

    def __str__(self) -> str:
        return f"{self.column}/{self.row}"


class PublicEffort(models.Model):
    """How much of a community's streets was walked in a week (巡查覆盖), where at least five people walked.

    Made once when the week is over and never again: of two figures that differ by one walk that walk could be told.
    How many walked is not kept. Without enough of them there is no figure, and `share` is null.
    """

    district = models.CharField(max_length=6)
    region_code = models.CharField(_("community"), max_length=12)
    week = models.DateField(_("Monday of the week"))
    share = models.PositiveSmallIntegerField(_("walked, in steps of five per cent"), null=True)

    class Meta:
        verbose_name = _("public effort")
        constraints = [
            models.UniqueConstraint(fields=["district", "region_code", "week"], name="public_effort_once"),
            models.CheckConstraint(name="public_effort_share", condition=models.Q(share__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.region_code} {self.week}"
