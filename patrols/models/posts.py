"""Posts where volunteers stand in shifts, the weekly plan behind the shifts, and who takes which."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grids.models import Region, history
from grids.models.base import Dated, sound
from grids.models.places import Named

LEAST_RADIUS, RADIUS, MOST_RADIUS = 30, 100, 500  # metres
MOST_WANTED = 50


class Post(Named, Dated):
    """A fixed place where volunteers stand in shifts (值守点): a street corner, a school gate, a market gate.

    Whoever is within `radius` metres of it during a shift was there.
    """

    district = models.CharField(max_length=6, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="posts")
    geom = models.PointField(_("place"), srid=4326, spatial_index=False)
    radius = models.PositiveSmallIntegerField(_("radius in metres"), default=RADIUS)
    instruction = models.TextField(_("what is to be done there"), max_length=1000, blank=True)
    skills = ArrayField(
        models.SlugField(max_length=40), verbose_name=_("skills that are needed"), default=list, blank=True, size=5
    )

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            sound("post"),
            models.CheckConstraint(name="post_radius", condition=Q(radius__gte=LEAST_RADIUS, radius__lte=MOST_RADIUS)),
        ]
        indexes = [
            GistIndex(fields=["geom"], name="post_geom"),
            models.Index(fields=["district", "region"], name="post_of_region"),
        ]


class Pattern(Dated):
    """A shift of every week (每周班次): on which days of the week, from when until when, for how many people.

    `worked_days` leaves out holidays; one for Monday to Friday then holds on make-up days too.
    """

    district = models.CharField(max_length=6, editable=False)
    post = models.ForeignKey(Post, models.CASCADE, verbose_name=_("post"), related_name="patterns")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("days of the week, Monday is 1"), size=7)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    wanted = models.PositiveSmallIntegerField(_("people wanted"), default=1)
    worked_days = models.BooleanField(_("on worked days only"), default=True)

    class Meta:
        verbose_name = _("weekly pattern")
        verbose_name_plural = _("weekly patterns")
        constraints = [
            models.CheckConstraint(name="pattern_order", condition=Q(starts__lt=F("ends"))),
            models.CheckConstraint(name="pattern_wanted", condition=Q(wanted__gte=1, wanted__lte=MOST_WANTED)),
            models.CheckConstraint(
                name="pattern_weekdays",
                condition=Q(weekdays__len__gte=1, weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
            ),
        ]
        indexes = [models.Index(fields=["district", "post"], name="pattern_of_post")]

    def __str__(self) -> str:
        return f"{self.post} {self.starts:%H:%M}–{self.ends:%H:%M}"


class ShiftState(models.TextChoices):
    """Whether a shift takes place; that it is over is told by its time."""

    OPEN = "open", _("takes place")
    CANCELLED = "cancelled", _("cancelled")


class Shift(models.Model):
    """A time at a post for a number of people (班次). Its time never changes: another time is another shift.

    `taken` counts the places held and can never exceed `wanted`. `measured` and `told` stay empty until it is forgotten
    who stood there; then they say how many were there by position, and how many by their own word.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    post = models.ForeignKey(Post, models.PROTECT, related_name="shifts")
    pattern = models.ForeignKey(Pattern, models.SET_NULL, null=True, related_name="shifts")
    day = models.DateField(_("day"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    wanted = models.PositiveSmallIntegerField(_("people wanted"), default=1)
    taken = models.PositiveSmallIntegerField(_("places taken"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=ShiftState, default=ShiftState.OPEN)
    reason = models.CharField(_("why it was cancelled"), max_length=200, blank=True)
    measured = models.PositiveSmallIntegerField(_("there by position"), null=True)
    told = models.PositiveSmallIntegerField(_("there by their own word"), null=True)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(name="shift_order", condition=Q(starts_at__lt=F("ends_at"))),
            models.CheckConstraint(name="shift_wanted", condition=Q(wanted__gte=1, wanted__lte=MOST_WANTED)),
            models.CheckConstraint(name="shift_not_overfilled", condition=Q(taken__lte=F("wanted"))),
            models.UniqueConstraint(
                fields=["district", "pattern", "day"], condition=Q(pattern__isnull=False), name="shift_of_pattern_once"
            ),
            models.UniqueConstraint(
                fields=["district", "post", "starts_at"], condition=Q(state=ShiftState.OPEN), name="shift_once"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="shift_by_time"),
            models.Index(fields=["day", "post"], name="shift_by_day"),
            models.Index(fields=["post", "starts_at"], name="shift_of_post"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def missing(self) -> int:
        """How many people it still needs; nobody where it was cancelled."""
        return self.wanted - self.taken if self.state == ShiftState.OPEN else 0


class TurnState(models.TextChoices):
    """Where somebody's turn at a shift stands."""

    TAKEN = "taken", _("taken")
    SWAP_WANTED = "swap_wanted", _("swap wanted")
    SWAPPED = "swapped", _("taken over by another")
    RELEASED = "released", _("given back")
    REMOVED = "removed", _("taken off")
    CANCELLED = "cancelled", _("cancelled with the shift")


# Who holds a place, and answers for it: also whoever waits for somebody to swap with.
HELD_STATES = (TurnState.TAKEN, TurnState.SWAP_WANTED)


class Presence(models.TextChoices):
    """What is known of somebody's having been there; nothing known is not absence."""

    MEASURED = "measured", _("there by position")
    TOLD = "told", _("there by their own word")
    UNKNOWN = "unknown", _("unknown")


class Turn(models.Model):
    """One person's place in a shift (值守安排). A place that changes hands is another row: history stays.

    `arrived_at` and `left_at` are what the person said; `located`, that the phone was within the post's radius when
    they did; `tracked_at`, when a patrol of theirs was first recorded there. No position is kept here.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="turns")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="turns")
    during = DateTimeRangeField(_("time of the shift"))
    state = models.CharField(_("state"), max_length=12, choices=TurnState, default=TurnState.TAKEN)
    since = models.DateTimeField(_("since"), auto_now_add=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    arrived_at = models.DateTimeField(_("arrived at"), null=True)
    left_at = models.DateTimeField(_("left at"), null=True)
    located = models.BooleanField(_("located there"), default=False)
    tracked_at = models.DateTimeField(_("recorded there by a patrol"), null=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints = [
            # At two places at once is nobody; it also keeps somebody from taking two places of one shift.
            ExclusionConstraint(
                name="turn_one_place_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state__in=HELD_STATES),
            ),
            models.CheckConstraint(
                name="turn_left_after_arrival",
                condition=Q(left_at__isnull=True) | Q(arrived_at__isnull=False, left_at__gte=F("arrived_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["shift", "state"], name="turn_of_shift"),
            models.Index(fields=["person", "-during"], name="turn_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.state}"

    @property
    def presence(self) -> Presence:
        """What is known of the person's having been there."""
        if self.located or self.tracked_at:
            return Presence.MEASURED
        return Presence.TOLD if self.arrived_at else Presence.UNKNOWN


for _model in (Post, Pattern):
    history.keep(_model)
