"""Rules that say who gets a report, in dated editions, and what they said of each report."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grids.models import Organisation, Person, Team, Zone
from grids.models.history import keep

WEEK = [1, 2, 3, 4, 5, 6, 7]


class EditionState(models.TextChoices):
    """Where an edition stands."""

    DRAFT = "draft", _("draft")
    IN_FORCE = "in_force", _("in force")
    OVER = "over", _("no longer in force")


class RoutingEdition(models.Model):
    """All rules of a region at a time (派遣规则版本): written as a draft, in force until the next one is.

    What is in force or over never changes, so that the past stays explainable.
    """

    district = models.CharField(max_length=6)
    region_code = models.CharField(_("region"), max_length=12)
    number = models.PositiveIntegerField(_("edition"))
    state = models.CharField(_("state"), max_length=8, choices=EditionState, default=EditionState.DRAFT)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("begun"), auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField(_("in force since"), null=True)
    until = models.DateTimeField(_("in force until"), null=True)

    class Meta:
        verbose_name = _("edition of routing rules")
        verbose_name_plural = _("editions of routing rules")
        constraints = [
            models.UniqueConstraint(fields=["district", "region_code", "number"], name="routing_edition_number"),
            models.UniqueConstraint(
                fields=["district", "region_code"], condition=Q(state="draft"), name="routing_one_draft"
            ),
            models.UniqueConstraint(
                fields=["district", "region_code"], condition=Q(state="in_force"), name="routing_one_in_force"
            ),
            models.CheckConstraint(
                name="routing_edition_region", condition=Q(region_code__regex=r"^\d{6}(\d{3}(\d{3})?)?$")
            ),
            models.CheckConstraint(
                name="routing_edition_times",
                condition=Q(state="draft", since=None, until=None)
                | Q(state="in_force", since__isnull=False, until=None)
                | Q(state="over", since__isnull=False, until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_code} · {self.number}"


class RulePlace(models.TextChoices):
    """Where a rule holds, within its region."""

    ANY = "any", _("anywhere")
    ZONE = "zone", _("in a zone")
    JURISDICTION = "jurisdiction", _("in the jurisdiction of who gets it")


class RuleTime(models.TextChoices):
    """When a rule holds, by the clock of the site's time zone."""

    ANY = "any", _("at any time")
    WEEKLY = "weekly", _("on days of the week and at hours")
    WORKING = "working", _("in working time")
    OUTSIDE = "outside", _("outside of working time")
    DATES = "dates", _("between two days")


class RuleTarget(models.TextChoices):
    """Who gets what a rule is for."""

    BODY = "body", _("the body of the category's kind whose jurisdiction holds there")
    ORGANISATION = "organisation", _("a body")
    TEAM = "team", _("a team")
    OWNER = "owner", _("the owner of the grid, or its deputy")


class RoutingRule(models.Model):
    """One rule (派遣规则): for which problems, where and when, who gets it.

    `key` stays the same over the editions. No category and no group means every category. Hours that end before they
    begin go over midnight and belong to the day on which they begin; `last_day` is included.
    """

    edition = models.ForeignKey(RoutingEdition, models.CASCADE, related_name="rules")
    key = models.UUIDField(default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    region_code = models.CharField(_("region"), max_length=12)
    position = models.PositiveSmallIntegerField(_("number"))
    active = models.BooleanField(_("in use"), default=True)
    categories = ArrayField(models.CharField(max_length=5), blank=True, default=list, verbose_name=_("categories"))
    groups = ArrayField(models.CharField(max_length=60), blank=True, default=list, verbose_name=_("groups"))
    place = models.CharField(_("where"), max_length=12, choices=RulePlace, default=RulePlace.ANY)
    zone = models.ForeignKey(
        Zone, models.PROTECT, verbose_name=_("zone"), null=True, blank=True, related_name="routing_rules"
    )
    time = models.CharField(_("when"), max_length=8, choices=RuleTime, default=RuleTime.ANY)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(),
        blank=True,
        default=list,
        size=7,
        verbose_name=_("days of the week, Monday is 1"),
    )
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("until"), null=True, blank=True)
    first_day = models.DateField(_("first day"), null=True, blank=True)
    last_day = models.DateField(_("last day"), null=True, blank=True)
    target = models.CharField(_("who gets it"), max_length=12, choices=RuleTarget, default=RuleTarget.BODY)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("body"), null=True, blank=True, related_name="routing_rules"
    )
    team = models.ForeignKey(
        Team, models.PROTECT, verbose_name=_("team"), null=True, blank=True, related_name="routing_rules"
    )
    approval = models.BooleanField(_("discussed before it goes out"), default=False)
    automatic = models.BooleanField(_("goes out by itself once accepted"), default=False)

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "position"], name="routing_rule_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["edition", "key"], name="routing_rule_key"),
            models.CheckConstraint(
                name="routing_rule_zone",
                condition=Q(place="zone", zone__isnull=False) | Q(~Q(place="zone"), zone=None),
            ),
            models.CheckConstraint(
                name="routing_rule_target",
                condition=Q(target="organisation", organisation__isnull=False, team=None)
                | Q(target="team", team__isnull=False, organisation=None)
                | Q(target__in=["body", "owner"], team=None, organisation=None),
            ),
            models.CheckConstraint(
                name="routing_rule_jurisdiction", condition=~Q(place="jurisdiction", target="owner")
            ),
            models.CheckConstraint(
                name="routing_rule_week",
                condition=Q(
                    time="weekly",
                    weekdays__contained_by=WEEK,
                    weekdays__len__gte=1,
                    starts__isnull=False,
                    ends__isnull=False,
                )
                & ~Q(starts=F("ends"))
                | Q(~Q(time="weekly"), weekdays=[], starts=None, ends=None),
            ),
            models.CheckConstraint(
                name="routing_rule_days",
                condition=Q(time="dates")
                & (Q(first_day__isnull=False) | Q(last_day__isnull=False))
                & (Q(first_day=None) | Q(last_day=None) | Q(first_day__lte=F("last_day")))
                | Q(~Q(time="dates"), first_day=None, last_day=None),
            ),
            models.CheckConstraint(name="routing_rule_by_hand_or_not", condition=~Q(approval=True, automatic=True)),
        ]
        indexes = [models.Index(fields=["district", "edition"], name="routing_rule_district")]

    def __str__(self) -> str:
        return f"{self.region_code} · {self.position}"


class Proposal(models.Model):
    """What the rules say of a report, as it was worked out last (派遣建议): who, by which rule, or that none fits.

    `passed` are the rules before it that are for such a report and found nobody, each with the reason's code.
    """

    report = models.OneToOneField("patrols.Report", models.CASCADE, primary_key=True, related_name="proposal")
    district = models.CharField(max_length=6)
    rule = models.ForeignKey(RoutingRule, models.PROTECT, null=True, related_name="proposals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    passed = models.JSONField(default=list)
    made_at = models.DateTimeField(_("worked out"))

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(
                name="proposal_rule_names_one",
                condition=Q(rule=None, person=None, team=None, organisation=None)
                | Q(rule__isnull=False, person__isnull=False, team=None, organisation=None)
                | Q(rule__isnull=False, person=None, team__isnull=False, organisation=None)
                | Q(rule__isnull=False, person=None, team=None, organisation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} · {self.rule_id}"

    @property
    def holder(self) -> Person | Team | Organisation | None:
        """Whom it names."""
        return self.person or self.team or self.organisation


for _model in (RoutingEdition, RoutingRule):
    keep(_model)
