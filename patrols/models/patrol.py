"""Patrols, the consent they need, and the raw fixes they record."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from grids.models import Device, Grid


class Consent(models.Model):
    """A volunteer's separate consent to recording where they walk on patrol (轨迹同意书); withdrawn at any time."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    district = models.CharField(max_length=6)
    version = models.CharField(_("version of the text"), max_length=20)
    given_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "person"], condition=Q(withdrawn_at__isnull=True), name="consent_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.version}"


class PatrolState(models.TextChoices):
    """Where a patrol stands."""

    PLANNED = "planned", _("planned")
    ACTIVE = "active", _("active")
    ENDED = "ended", _("ended")
    MEASURED = "measured", _("measured")


class Patrol(models.Model):
    """One walk of a volunteer through their grids (巡查), from a start to an end."""

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="patrols")
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, blank=True, related_name="patrols")
    state = models.CharField(_("state"), max_length=8, choices=PatrolState, default=PatrolState.PLANNED)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("patrol")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "person"], condition=Q(state=PatrolState.ACTIVE), name="patrol_one_active"
            ),
            models.CheckConstraint(
                name="patrol_order", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Fix(models.Model):
    """One raw position (定位点) in a daily partition by the time it was taken; immutable, kept seven days."""

    pk = models.CompositePrimaryKey("district", "taken_at", "id")
    id = models.UUIDField(default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    device = models.ForeignKey(Device, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    patrol = models.ForeignKey(Patrol, models.CASCADE, null=True, related_name="+")
    geom = models.PointField(srid=4326, spatial_index=False)
    accuracy = models.FloatField(null=True)
    speed = models.FloatField(null=True)
    course = models.FloatField(null=True)
    altitude = models.FloatField(null=True)
    attributes = models.JSONField(default=dict)
    quarantine = models.CharField(_("reason it does not count"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("fix")
        verbose_name_plural = _("fixes")

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"
