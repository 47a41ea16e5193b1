"""Reports of problems, requests and tasks."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Q
from django.db.models.functions import Cast, Upper
from django.utils.translation import gettext_lazy as _

from grids.expressions import SearchGrams
from grids.models import Category, Checkpoint, Grid, Stairwell
from grids.models.base import sound
from patrols.queries import ReportQuerySet
from patrols.workflow import OPEN_STATES, State

NEWEST = ("-recorded_at", "-id")


class Kind(models.TextChoices):
    """What a report asks for."""

    PROBLEM = "problem", _("problem")
    REQUEST = "request", _("request")
    TASK = "task", _("task")


class Source(models.TextChoices):
    """How a report came in."""

    PATROL = "patrol", _("patrol")
    RESIDENT = "resident", _("resident")
    HOTLINE = "hotline", _("hotline")
    INSPECTION = "inspection", _("inspection")
    SENSOR = "sensor", _("sensor")


class Report(models.Model):
    """Something at a place that somebody should deal with (案件).

    `geom` is what was drawn, `anchor` a stored point on it that decides grid, cell and distance. `district` leads
    every unique key, so that partitions and a distributed database need no other keys.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    region_code = models.CharField(_("community"), max_length=12, blank=True)
    number = models.CharField(_("case number"), max_length=20)
    public_number = models.CharField(_("public number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PROBLEM)
    source = models.CharField(_("came in by"), max_length=10, choices=Source, default=Source.PATROL)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, blank=True, related_name="+")
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, null=True, blank=True, related_name="+")
    stairwell = models.ForeignKey(Stairwell, models.PROTECT, null=True, blank=True, related_name="+")
    geom = models.GeometryField(_("place"), srid=4326, spatial_index=False)
    anchor = models.PointField(_("anchor"), srid=4326, spatial_index=False)
    place = models.CharField(_("place in words"), max_length=120, blank=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=18, choices=State, default=State.REPORTED)
    came_from = models.CharField(_("state to come back to"), max_length=18, choices=State, blank=True)
    hold_until = models.DateField(_("on hold until"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"))
    changed_at = models.DateTimeField(_("last changed"))
    waiting_since = models.DateTimeField(_("waits for dispatch since"))
    dispatch_due_at = models.DateTimeField(_("to be dispatched by"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    due_at = models.DateTimeField(_("to be fixed by"), null=True, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    recurrence_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="recurrences")

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="report_number"),
            models.UniqueConstraint(fields=["district", "public_number"], name="report_public_number"),
            models.CheckConstraint(name="report_district_digits", condition=Q(district__regex=r"^\d{6}$")),
            models.CheckConstraint(name="report_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="report_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="report_not_its_own_duplicate",
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
            ),
            sound("report"),
            sound("report", "anchor"),
        ]
        indexes = [
            GistIndex(fields=["anchor"], name="report_anchor"),
            GistIndex(Cast("anchor", models.PointField(geography=True)), name="report_anchor_geography"),
            GistIndex(fields=["anchor"], name="report_open_anchor", condition=Q(state__in=OPEN_STATES)),
            # Newest first in a community, as a whole and by each filter that has a name. What they are combined with is
            # included, so that the index alone tells which rows to leave out.
            models.Index(fields=["district", "region_code", *NEWEST], name="report_list"),
            models.Index(fields=["district", "state", "region_code", *NEWEST], name="report_state"),
            models.Index(
                fields=["district", "category", "region_code", *NEWEST],
                name="report_category",
                include=["state", "source"],
            ),
            models.Index(
                fields=["district", "source", "region_code", *NEWEST], name="report_source", include=["state"]
            ),
            models.Index(
                fields=["district", "region_code", *NEWEST], name="report_open", condition=Q(state__in=OPEN_STATES)
            ),
            # Newest first of a grid, of who filed it and of who handled it.
            models.Index(fields=["grid", *NEWEST], name="report_grid"),
            models.Index(fields=["reporter", *NEWEST], name="report_reporter"),
            models.Index(fields=["handler", *NEWEST], name="report_handler"),
            # What the search for words and numbers asks.
            GinIndex(F("region_code"), SearchGrams("place"), name="report_region_words"),
            models.Index(OpClass(Upper("number"), "text_pattern_ops"), name="report_number_start"),
        ]

    def __str__(self) -> str:
        return self.number
