"""Dispatch plans: who is proposed for which report, what somebody changed, and what came of it."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from patrols.models.reports import Report


class PlanState(models.TextChoices):
    """Where a plan stands."""

    MAKING = "making", pgettext_lazy("plan", "being made")
    PROPOSED = "proposed", pgettext_lazy("plan", "proposed")
    COMMITTED = "committed", pgettext_lazy("plan", "dispatched")
    DISCARDED = "discarded", pgettext_lazy("plan", "discarded")


class Origin(models.TextChoices):
    """From where somebody's way was measured."""

    POSITION = "position", _("from their position")
    GRID = "grid", _("from their grid")


class Lacking(models.TextChoices):
    """Why nobody is proposed for a report."""

    BODY = "body", _("only a body with powers may act")
    NOBODY_NEAR = "nobody_near", _("nobody within the radius")
    NO_SKILL = "no_skill", _("nobody within the radius has the skill")
    NOBODY_FREE = "nobody_free", _("whoever is near is not to be asked now")
    ALL_TAKEN = "all_taken", _("whoever could go has enough to do")
    ASKED = "asked", _("volunteers are being asked already")
    APPROVAL = "approval", _("to be discussed before it goes out")
    BY_HAND = "by_hand", _("taken off by hand")


class Outcome(models.TextChoices):
    """What came of a row when its plan was committed."""

    NONE = "", "—"
    DISPATCHED = "dispatched", pgettext_lazy("plan", "dispatched")
    OFFERED = "offered", pgettext_lazy("plan", "offered")
    MOVED = "moved", _("left out: it changed meanwhile")
    REFUSED = "refused", _("left out: not possible any more")


class DispatchPlan(models.Model):
    """A proposal who goes to which report (派遣计划), for the regions `codes` of whoever made it.

    `version` counts the changes: who changes or commits names the one that they saw. `wish` is the radius in
    metres, the cap of reports a person and how urgency weighs; `figures` are what sending one by one would have come
    to and how many could be asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    codes = ArrayField(models.CharField(max_length=12))
    state = models.CharField(_("state"), max_length=10, choices=PlanState, default=PlanState.MAKING)
    version = models.PositiveIntegerField(default=0)
    wish = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    job = models.UUIDField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("dispatched or discarded"), null=True)

    class Meta:
        verbose_name = _("dispatch plan")
        verbose_name_plural = _("dispatch plans")
        constraints = [
            models.CheckConstraint(
                name="dispatch_plan_ended",
                condition=Q(state__in=["committed", "discarded"], ended_at__isnull=False)
                | Q(state__in=["making", "proposed"], ended_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["district", "-made_at", "-id"], name="dispatch_plan_list")]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} · {self.get_state_display()}"


class PlanRow(models.Model):
    """One report of a plan: somebody goes (`person`), or nobody and why (`lacking`); `left_out` rows are not sent,
    `as_offer` rows ask the person instead of sending them.

    `metres` is the way as the crow flies; one from a position is rounded to ten metres, and no position is kept.
    `report_changed_at` is the report as it was planned: if it moved since, it is left out.
    """

    plan = models.ForeignKey(DispatchPlan, models.CASCADE, related_name="rows")
    district = models.CharField(max_length=6)
    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    report_state = models.CharField(max_length=18)
    report_changed_at = models.DateTimeField()
    weight = models.PositiveSmallIntegerField(_("urgency"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    metres = models.PositiveIntegerField(_("metres"), null=True)
    origin = models.CharField(max_length=8, choices=Origin, blank=True)
    lacking = models.CharField(max_length=12, choices=Lacking, blank=True)
    nearest = models.PositiveIntegerField(_("metres to the nearest"), null=True)
    by_hand = models.BooleanField(default=False)
    left_out = models.BooleanField(default=False)
    as_offer = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.NONE, blank=True)
    said = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("row of a dispatch plan")
        verbose_name_plural = _("rows of dispatch plans")
        constraints = [
            models.UniqueConstraint(fields=["plan", "report"], name="plan_row_once"),
            models.CheckConstraint(
                name="plan_row_somebody_or_why",
                condition=Q(person__isnull=False, lacking="", metres__isnull=False)
                | (Q(person__isnull=True) & ~Q(lacking="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} → {self.person or self.get_lacking_display()}"
