"""Runs that looked for hotspots, frozen with what they were asked and what they found."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Grid, Job
from grids.models.places import Named
from grids.models.platform import JobState
from maps.hotspots.statistics.names import Emerging
from patrols.models.reports import Source


class Unit(models.TextChoices):
    """What a run looks at."""

    CELLS = "cells", _("hexagons")
    GRIDS = "grids", _("grids")


class HotspotRun(models.Model):
    """A question about hotspots (问题高发区) with everything its answer depends on, and the answer.

    It is started as waiting; what it finds is written together with `finished_at`, at once or not at all. `corrected`
    is whether what patrols found is compared with how much they walked. The same question, seed, code version and
    input digest give the same cells.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    region_code = models.CharField(_("region"), max_length=12)
    since = models.DateField(_("first day"))
    until = models.DateField(_("last day"))
    unit = models.CharField(_("unit"), max_length=6, choices=Unit, default=Unit.CELLS)
    resolution = models.PositiveSmallIntegerField(_("H3 resolution"), null=True)
    categories = ArrayField(models.CharField(max_length=20), verbose_name=_("categories"), default=list)
    source = models.CharField(_("came in by"), max_length=10, choices=Source, blank=True)
    corrected = models.BooleanField(_("corrected for patrols"), default=True)
    permutations = models.PositiveSmallIntegerField(default=0)
    seed = models.PositiveIntegerField(default=0)
    code_version = models.CharField(max_length=20)
    input_digest = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+")
    summary = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("hotspot run")
        verbose_name_plural = _("hotspot runs")
        constraints = [
            models.CheckConstraint(
                name="hotspot_run_unit",
                condition=Q(unit=Unit.CELLS, resolution__gte=8, resolution__lte=10)
                | Q(unit=Unit.GRIDS, resolution__isnull=True),
            ),
            models.CheckConstraint(name="hotspot_run_period", condition=Q(since__lte=models.F("until"))),
        ]
        indexes = [
            # The id begins with the time it was made at: newest first is the id backwards.
            models.Index(fields=["district", "-id"], name="hotspot_run_list"),
            models.Index(fields=["created_at"], name="hotspot_run_age"),
        ]

    def __str__(self) -> str:
        return f"{self.region_code} {self.since} – {self.until}"

    @property
    def state(self) -> str:
        """Where it stands: done once its answer is there, else as its job; failed when that is gone without one."""
        if self.finished_at:
            return JobState.DONE
        return self.job.state if self.job else JobState.FAILED


class HotspotCell(Named):
    """What a run found of one hexagon or grid.

    `walked_m` are metres of street walked, each day's counted, null where effort plays no part; `effort_known` is
    false where nobody is known to have walked enough. `tested` says whether the place took part: of one that did not,
    the counts are all there is. `bin` is the class from -3 (cold at 99 %) to 3 (hot at 99 %). `rank` orders a run's
    cells, the hottest first and what was not tested last. `name` is of what lies there, empty for most quiet hexagons.
    """

    run = models.ForeignKey(HotspotRun, models.CASCADE, related_name="cells", db_index=False)
    rank = models.PositiveIntegerField()
    cell = models.BigIntegerField(_("H3 cell"), null=True)
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, related_name="+")
    grid_code = models.CharField(max_length=15, blank=True)
    geom = models.PolygonField(_("outline"), srid=4326, spatial_index=False)
    count = models.PositiveIntegerField(_("found"))
    by_source = models.JSONField(default=dict)
    category = models.CharField(_("most frequent category"), max_length=20, blank=True)
    category_count = models.PositiveIntegerField(default=0)
    expected = models.FloatField(null=True)
    ratio = models.FloatField(null=True)
    rate = models.FloatField(null=True)
    households = models.PositiveIntegerField(null=True)
    walked_m = models.FloatField(null=True)
    effort_known = models.BooleanField(default=True)
    tested = models.BooleanField(default=True)
    z = models.FloatField(null=True)
    p = models.FloatField(null=True)
    q = models.FloatField(null=True)
    bin = models.SmallIntegerField(default=0)
    emerging = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Emerging])
    weekly = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta:
        verbose_name = _("place of a hotspot run")
        constraints = [
            models.UniqueConstraint(fields=["run", "rank"], name="hotspot_cell_rank"),
            models.CheckConstraint(name="hotspot_cell_bin", condition=Q(bin__gte=-3, bin__lte=3)),
            models.CheckConstraint(
                name="hotspot_cell_of_one",
                condition=Q(cell__isnull=False, grid__isnull=True) | Q(cell__isnull=True, grid__isnull=False),
            ),
        ]
        indexes = [
            GistIndex(fields=["run", "geom"], name="hotspot_cell_geom"),
            models.Index(fields=["run", "cell"], name="hotspot_cell_cell"),
        ]

    def __str__(self) -> str:
        return self.local_name or self.key

    @property
    def key(self) -> str:
        """The code of the grid, or the index of the hexagon as H3 writes it."""
        return self.grid_code if self.cell is None else f"{self.cell:x}"


class HotspotRecurrence(Named):
    """A place where problems of a category came back: at least three within 90 days and 30 m (多次复发)."""

    run = models.ForeignKey(HotspotRun, models.CASCADE, related_name="recurrences", db_index=False)
    rank = models.PositiveIntegerField()
    category = models.CharField(max_length=20)
    anchor = models.PointField(_("anchor"), srid=4326, spatial_index=False)
    count = models.PositiveIntegerField()
    days = ArrayField(models.DateField(), default=list)
    reports = ArrayField(models.UUIDField(), default=list)

    class Meta:
        verbose_name = _("place of recurrence")
        constraints = [models.UniqueConstraint(fields=["run", "rank"], name="hotspot_recurrence_rank")]

    def __str__(self) -> str:
        return f"{self.category} × {self.count}"
