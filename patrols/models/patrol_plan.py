"""Plans of where patrols are to walk, on which days, and why."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.models import Region
from grids.models.base import sound


class PatrolPlan(models.Model):
    """An area that is to be walked on certain days (巡查计划), for a reason; whoever is on patrol there sees it.

    `rule` says which days from `first_day` to `last_day` it falls on, as for tasks of a list. `region` is the smallest
    one that holds all grids it touches. `ended_on` is the last day it held on where it was ended early, a day before
    the first where it was withdrawn; what it asked for until then stays as it was.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="+")
    name = models.CharField(_("name"), max_length=120)
    geom = models.MultiPolygonField(_("area"), srid=4326, spatial_index=False)
    why = models.CharField(pgettext_lazy("patrol plan", "why"), max_length=500)
    cells = ArrayField(models.CharField(max_length=15), verbose_name=_("cells of the map"), default=list, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    rule = models.CharField(_("comes back"), max_length=80)
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("until"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"), null=True)
    ended_on = models.DateField(_("ended with"), null=True)
    ended_why = models.CharField(_("why it was ended"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("patrol plan")
        verbose_name_plural = _("patrol plans")
        constraints = [
            sound("patrol_plan"),
            models.CheckConstraint(name="patrol_plan_said", condition=~Q(name="") & ~Q(why="") & ~Q(rule="")),
            models.CheckConstraint(name="patrol_plan_order", condition=Q(first_day__lte=F("last_day"))),
            models.CheckConstraint(
                name="patrol_plan_hours",
                condition=Q(starts__isnull=True, ends__isnull=True)
                | Q(starts__isnull=False, ends__isnull=False, starts__lt=F("ends")),
            ),
            models.CheckConstraint(
                name="patrol_plan_end_has_reason", condition=Q(ended_on__isnull=True) | ~Q(ended_why="")
            ),
        ]
        indexes = [
            GistIndex(fields=["geom"], name="patrol_plan_geom"),
            models.Index(fields=["district", "-made_at", "-id"], name="patrol_plan_list"),
        ]

    def __str__(self) -> str:
        return self.name
