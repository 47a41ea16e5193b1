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


class Mode(models.TextChoices):
    """How a patrol moves."""

    WALK = "walk", _("on foot")
    BICYCLE = "bicycle", _("by bicycle")


class Patrol(models.Model):
    """One walk of a volunteer through their grids (巡查), from a start to an end."""

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="patrols")
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, blank=True, related_name="patrols")
    state = models.CharField(_("state"), max_length=8, choices=PatrolState, default=PatrolState.PLANNED)
    mode = models.CharField(_("moves"), max_length=8, choices=Mode, default=Mode.WALK, db_default=Mode.WALK)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    # The volunteer deleted the way: what still arrives of it is not kept.
    forgotten_at = models.DateTimeField(_("way deleted"), null=True, blank=True)
    nothing_at = models.DateTimeField(_("said that there is nothing to report"), null=True, blank=True)

    class Meta:
        verbose_name = _("patrol")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "person"], condition=Q(state=PatrolState.ACTIVE), name="patrol_one_active"
            ),
            models.CheckConstraint(
                name="patrol_order", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at"))
            ),
            models.CheckConstraint(
                name="patrol_begun", condition=Q(state=PatrolState.PLANNED) | Q(started_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-started_at"], name="patrol_of_person"),
            models.Index(fields=["heard_at"], name="patrol_active", condition=Q(state=PatrolState.ACTIVE)),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Fix(models.Model):
    """One raw position (定位点) in a daily partition by the time it was taken; immutable, kept seven days.

    The id follows from who sent what (`patrols.intake.storing`): what is sent twice is stored once. What is no place
    is kept aside in `quarantine`, with the reason.
    """

    pk = models.CompositePrimaryKey("district", "taken_at", "id")
    id = models.UUIDField(default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    device = models.ForeignKey(Device, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    patrol = models.ForeignKey(Patrol, models.CASCADE, null=True, related_name="+")
    geom = models.PointField(srid=4326, spatial_index=False, null=True)
    accuracy = models.FloatField(null=True)
    speed = models.FloatField(null=True)
    course = models.FloatField(null=True)
    altitude = models.FloatField(null=True)
    attributes = models.JSONField(default=dict)
    quarantine = models.CharField(_("reason it does not count"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("fix")
        verbose_name_plural = _("fixes")
        constraints = [
            models.CheckConstraint(name="fix_place_or_reason", condition=Q(geom__isnull=False) | ~Q(quarantine="")),
        ]
        indexes = [
            models.Index(fields=["person", "taken_at"], name="fix_waiting", condition=Q(patrol__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"


class LastPosition(models.Model):
    """Where somebody on an active patrol was last (当前位置), for the region's dispatchers; gone when it ends."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    patrol = models.ForeignKey(Patrol, models.CASCADE, related_name="+")
    district = models.CharField(max_length=6)
    geom = models.PointField(srid=4326, geography=True)
    accuracy = models.FloatField(null=True)
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("last position")

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"


class PrivatePlace(models.Model):
    """A place that a volunteer wants out of their kept tracks (私密地点): sealed, shown to nobody but them."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="private_places")
    sealed = models.BinaryField(_("encrypted"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("private place")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"
