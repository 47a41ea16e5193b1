"""Volunteers asked to deal with a report: the round of asking, and what each was asked."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Team
from patrols.models.reports import Report
from patrols.offering.table import HELD_STATES, WORKING_STATES, CallState, OfferState

MOST_PLACES = 20


class CallKind(models.TextChoices):
    """Whom a round of asking goes to."""

    PEOPLE = "people", _("chosen people")
    WAVES = "waves", _("more people from time to time")
    TEAM = "team", _("a team")


class Call(models.Model):
    """One round of asking for one report (邀约轮次): its policy, how far it has come, and when the clock looks again.

    `waves` are the numbers of people asked one after the other, `wave` how many of them were. Each offer stands for
    `stands_minutes`. `places` is how many people are needed. A report has one open call at most.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    report = models.ForeignKey(Report, models.CASCADE, related_name="calls")
    kind = models.CharField(_("goes to"), max_length=6, choices=CallKind)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    waves = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("people asked at a time"), default=list)
    wave_minutes = models.PositiveSmallIntegerField(_("minutes until more are asked"))
    stands_minutes = models.PositiveSmallIntegerField(_("minutes that an offer stands"))
    places = models.PositiveSmallIntegerField(_("people needed"), default=1)
    wave = models.PositiveSmallIntegerField(_("times that people were asked"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=CallState, default=CallState.OPEN)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("since"))
    next_at = models.DateTimeField(_("looked at again"))
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("call for volunteers")
        verbose_name_plural = _("calls for volunteers")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "report"], condition=Q(state=CallState.OPEN), name="call_one_open"
            ),
            models.CheckConstraint(name="call_places", condition=Q(places__gte=1, places__lte=MOST_PLACES)),
        ]
        indexes = [
            models.Index(fields=["report", "-opened_at"], name="call_of_report"),
            models.Index(fields=["next_at"], name="call_due", condition=Q(state=CallState.OPEN)),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.state}"


class Offer(models.Model):
    """What one volunteer is asked (任务邀约): to deal with a report, until a time.

    `place` is the one of the call's places that they took. That somebody declined is told to nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    call = models.ForeignKey(Call, models.CASCADE, related_name="offers")
    report = models.ForeignKey(Report, models.CASCADE, related_name="offers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offers")
    state = models.CharField(_("state"), max_length=9, choices=OfferState, default=OfferState.OFFERED)
    wave = models.PositiveSmallIntegerField(_("asked in round"))
    place = models.PositiveSmallIntegerField(_("place taken"), null=True)
    offered_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("stands until"))
    seen_at = models.DateTimeField(_("seen"), null=True)
    accepted_at = models.DateTimeField(_("taken on"), null=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("offer")
        constraints = [
            models.UniqueConstraint(fields=["district", "call", "person"], name="offer_once"),
            models.UniqueConstraint(
                fields=["district", "call", "place"], condition=Q(state__in=HELD_STATES), name="offer_one_a_place"
            ),
            models.CheckConstraint(
                name="offer_held_has_place", condition=~Q(state__in=HELD_STATES) | Q(place__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-offered_at"], name="offer_of_person"),
            models.Index(fields=["person"], name="offer_in_hand", condition=Q(state__in=WORKING_STATES)),
            models.Index(fields=["report", "person"], name="offer_of_report"),
            models.Index(fields=["expires_at"], name="offer_standing", condition=Q(state=OfferState.OFFERED)),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.state}"
