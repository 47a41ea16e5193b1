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
from grids.models.catalogue import Kind
from patrols.queries import ReportQuerySet
from patrols.workflow import OPEN_STATES, Ask, State

NEWEST = ("-recorded_at", "-id")
CLOSED_PROBLEM = Q(state=State.CLOSED, kind=Kind.PROBLEM)
# As `patrols.public` asks; a test holds the two together.
PUBLIC = Q(
    kind=Kind.PROBLEM,
    state__in=sorted(set(OPEN_STATES) - {State.REPORTED, State.REOPENED} | {State.CLOSED}),
)
RARE_KIND = Q(kind__in=[Kind.REQUEST, Kind.TASK])


class Source(models.TextChoices):
    """How a report came in."""

    PATROL = "patrol", _("patrol")
    RESIDENT = "resident", _("resident")
    HOTLINE = "hotline", _("hotline")
    INSPECTION = "inspection", _("inspection")
    SENSOR = "sensor", _("sensor")
    LIST = "list", _("task list")


class Report(models.Model):
    """Something at a place that somebody should deal with (案件).

    `geom` is what was drawn, `anchor` a stored point on it that decides grid, cell and distance. `district` leads
    every unique key, so that partitions and a distributed database need no other keys. `risk_at` is when a quarter of
    the limit of the clock that runs is left, in the limit's own time; `stopped_at` is since when a parked one stands.
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
    description = models.TextField(_("description"), max_length=4000, blank=True)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=18, choices=State, default=State.REPORTED)
    came_from = models.CharField(_("state to come back to"), max_length=18, choices=State, blank=True)
    hold_until = models.DateField(_("on hold until"), null=True, blank=True)
    # What was asked for by who deals with it and is not answered yet; why stands in the history.
    ask = models.CharField(_("asked for"), max_length=9, choices=Ask, blank=True)
    ask_until = models.DateField(_("asked for until"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    urged = models.PositiveSmallIntegerField(_("times urged"), default=0)
    supervised = models.PositiveSmallIntegerField(_("times supervised"), default=0)
    rework = models.PositiveSmallIntegerField(_("rounds of rework"), default=0)
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"))
    changed_at = models.DateTimeField(_("last changed"))
    waiting_since = models.DateTimeField(_("waits for dispatch since"))
    dispatch_due_at = models.DateTimeField(_("to be dispatched by"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    due_at = models.DateTimeField(_("to be fixed by"), null=True, blank=True)
    risk_at = models.DateTimeField(_("at risk from"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("clock stopped"), null=True, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    settles_at = models.DateTimeField(_("closes by itself"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    recurrence_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="recurrences")
    task = models.ForeignKey("patrols.Task", models.PROTECT, null=True, blank=True, related_name="reports")
    task_day = models.DateField(_("day it belongs to"), null=True, blank=True)

    # What the office calls it that passed it on, and until when they want it dealt with.
    outside_number = models.CharField(_("number outside"), max_length=40, blank=True, default="", db_default="")
    outside_due_at = models.DateTimeField(_("deadline outside"), null=True, blank=True)
    # Which time it is, along the chain of `recurrence_of`.
    times = models.PositiveSmallIntegerField(_("times"), default=1, db_default=1)
    # How many reported it beside whoever filed it: kept in step with `followers` by patrols.following.
    further = models.PositiveIntegerField(_("further reports"), default=0, db_default=0)
    # How many of those nobody took down or looked at: said on the public map, perhaps all by the same hand.
    unvouched = models.PositiveIntegerField(_("of them without an account"), default=0, db_default=0)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="report_number"),
            models.UniqueConstraint(fields=["district", "public_number"], name="report_public_number"),
            models.UniqueConstraint(
                fields=["source", "outside_number"],
                condition=Q(outside_number__gt="", state__in=OPEN_STATES),
                name="report_outside_number",
            ),
            models.CheckConstraint(name="report_district_digits", condition=Q(district__regex=r"^\d{6}$")),
            models.CheckConstraint(name="report_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="report_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="report_ask_whole",
                condition=Q(ask="", ask_until__isnull=True, asked_by__isnull=True)
                | (Q(ask__in=Ask.values) & Q(ask_until__isnull=False, asked_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="report_not_its_own_duplicate",
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
            ),
            models.CheckConstraint(
                name="report_task_is_of_a_list",
                condition=Q(kind=Kind.TASK, task__isnull=False, task_day__isnull=False, due_at__isnull=False)
                | (~Q(kind=Kind.TASK) & Q(task__isnull=True, task_day__isnull=True)),
            ),
            # Of two clocks that make a day of a task at once, one does; what was called off stands in nobody's way.
            models.UniqueConstraint(
                fields=["district", "task", "task_day"],
                condition=Q(kind=Kind.TASK) & ~Q(state=State.WITHDRAWN),
                name="report_task_day_once",
            ),
            sound("report"),
            sound("report", "anchor"),
        ]
        indexes = [
            GistIndex(fields=["anchor"], name="report_anchor"),
            GistIndex(Cast("anchor", models.PointField(geography=True)), name="report_anchor_geography"),
            # As an expression: for a single field of geometry Django leaves out the condition.
            GistIndex(F("anchor"), name="report_open_anchor", condition=Q(state__in=OPEN_STATES)),
            # What was closed lately close by, which a new one repeats.
            GistIndex(
                fields=["category", "anchor", "closed_at"], name="report_closed_anchor", condition=CLOSED_PROBLEM
            ),
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
            models.Index(
                fields=["district", "region_code", *NEWEST], name="report_recurrent", condition=Q(times__gt=1)
            ),
            # What anybody may know of, newest first wherever it is.
            models.Index(fields=["-recorded_at", "-id"], name="report_public", condition=PUBLIC),
            # Requests and tasks are few beside problems.
            models.Index(fields=["district", "kind", "region_code", *NEWEST], name="report_kind", condition=RARE_KIND),
            # Newest first of a grid, of who filed it and of who handled it.
            models.Index(fields=["grid", *NEWEST], name="report_grid"),
            models.Index(fields=["reporter", *NEWEST], name="report_reporter"),
            models.Index(fields=["handler", *NEWEST], name="report_handler"),
            # What closes by itself next.
            models.Index(fields=["settles_at"], name="report_settles", condition=Q(settles_at__isnull=False)),
            # What the search for words and numbers asks.
            GinIndex(F("region_code"), SearchGrams("place"), name="report_region_words"),
            models.Index(OpClass(Upper("number"), "text_pattern_ops"), name="report_number_start"),
            models.Index(
                OpClass(Upper("outside_number"), "text_pattern_ops"),
                name="report_outside_start",
                condition=Q(outside_number__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number
