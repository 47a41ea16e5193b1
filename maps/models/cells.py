"""Counts of problems by hexagon: what a map of heat reads instead of reports."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _

from patrols.models.fields import TransactionIdField


class Cell(models.Model):
    """A hexagon of H3 in which something was ever counted (热力格), once for each district that it touches.

    `geom` is in EPSG:3857 for drawing only; `hectares` is its area on the sphere, by H3.
    """

    pk = models.CompositePrimaryKey("district", "cell")
    cell = models.BigIntegerField(_("H3 cell"))
    resolution = models.SmallIntegerField(_("resolution"))
    district = models.CharField(max_length=6)
    hectares = models.FloatField(_("hectares"))
    lon = models.FloatField(_("longitude of the centre"))
    lat = models.FloatField(_("latitude of the centre"))
    geom = models.PolygonField(srid=3857, spatial_index=False)

    class Meta:
        verbose_name = _("cell")
        indexes = [GistIndex(fields=["resolution", "geom"], name="cell_place")]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class CellCount(models.Model):
    """How many problems of a category stand in a state, by cell, community and year (热力计数).

    A problem counts on the local day on which it was recorded. `year` 0 stands for all time, of which only the counts
    of all categories in all or in any open state are kept; `category` is the code as a number and `state` that of
    `maps.cells.codes`: of a category every state, of all together (0) also any open one and all.
    `days` holds, sorted, for each day of the year (1 to 366) with something on it
    day × 2²² + 2²¹ + the count from the year's first day up to it, which the function `cell_days_until` reads.
    """

    pk = models.CompositePrimaryKey("district", "cell", "category", "state", "year", "region_code")
    cell = models.BigIntegerField(_("H3 cell"))
    category = models.IntegerField(_("category"))
    count = models.IntegerField(_("count"))
    state = models.SmallIntegerField(_("state"))
    year = models.SmallIntegerField(_("calendar year"))
    district = models.CharField(max_length=6)
    region_code = models.CharField(_("community"), max_length=12)
    days = ArrayField(models.IntegerField(), null=True)

    class Meta:
        verbose_name = _("count of a cell")
        constraints = [
            models.CheckConstraint(
                name="cell_count_fits_its_days",
                condition=models.Q(days=None) | models.Q(count__gt=-(2**21), count__lt=2**21),
            )
        ]

    def __str__(self) -> str:
        return f"{self.cell:x} {self.category:05d} {self.year}: {self.count}"


class CellDelta(models.Model):
    """What an event changes in the counts of the smallest cells and is not folded into them yet; append-only."""

    cell = models.BigIntegerField(_("H3 cell"))
    category = models.IntegerField(_("category"))
    count = models.IntegerField(_("count"))
    day = models.DateField(_("day"))
    state = models.SmallIntegerField(_("state"))
    district = models.CharField(max_length=6)
    region_code = models.CharField(_("community"), max_length=12)

    class Meta:
        verbose_name = _("change of a count")

    def __str__(self) -> str:
        return f"{self.cell:x} {self.day} {self.count:+d}"


class CellCursor(models.Model):
    """How far the counts have come: one row, written by whoever holds the lock of the counts.

    What `baseline` sees was counted from reports; of later events all up to (`transaction`, `event`) became changes.
    `counted_until` is the moment up to which the folded counts know everything that was written.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    baseline = models.TextField()
    transaction = TransactionIdField()
    event = models.UUIDField()
    read_until = models.DateTimeField()
    counted_until = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    differences = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("state of the counts")
        constraints = [models.CheckConstraint(name="cell_cursor_one", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"{self.transaction} {self.event}"
