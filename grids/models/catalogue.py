"""The catalogue: categories of problems, types of checkpoints and their checklists, all versioned."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models.places import Named


class Acts(models.TextChoices):
    """Who may act on a problem of a category."""

    VOLUNTEER = "volunteer", _("a volunteer may fix it")
    BODY = "body", _("only a body with powers")
    GUARD = "guard", _("a volunteer only guards it until the body comes")


class LimitUnit(models.TextChoices):
    """How a time limit runs."""

    WORKING = "working", _("working time")
    CALENDAR = "calendar", _("round the clock")


class Kind(models.TextChoices):
    """What a report asks for, and what a category is for."""

    PROBLEM = "problem", _("problem")
    REQUEST = "request", _("request")
    TASK = "task", _("task")


class Verify(models.TextChoices):
    """When a fix is verified by somebody else."""

    ALWAYS = "always", _("always")
    SAMPLE = "sample", _("by sample")


class Category(Named):
    """A category of problems with its national code (问题类别); a new edition of the catalogue makes new rows."""

    code = models.CharField(_("code"), max_length=5)
    version = models.CharField(_("edition"), max_length=20)
    active = models.BooleanField(_("in use"), default=True)
    glyph = models.CharField(_("icon character"), max_length=1)
    group = models.CharField(_("group"), max_length=60)
    group_en = models.CharField(_("English group"), max_length=80, blank=True)
    acts = models.CharField(_("who may act"), max_length=10, choices=Acts)
    body = models.CharField(_("kind of responsible body"), max_length=24)
    trivial = models.BooleanField(_("may be fixed on the spot"), default=False)
    hazard = models.BooleanField(_("hazard"), default=False)
    wait_minutes = models.PositiveIntegerField(_("minutes until dispatch"), default=60)
    limit_minutes = models.PositiveIntegerField(_("minutes from dispatch to fix"))
    limit_unit = models.CharField(_("limit runs in"), max_length=8, choices=LimitUnit)
    verify = models.CharField(_("verification"), max_length=6, choices=Verify, default=Verify.ALWAYS)
    after_photo = models.BooleanField(_("a photo of after is required"), default=False)
    stairwell = models.BooleanField(_("belongs to stairwells"), default=False)
    kind = models.CharField(_("for"), max_length=8, choices=Kind, default=Kind.PROBLEM, db_default=Kind.PROBLEM)
    near_metres = models.PositiveIntegerField(_("metres within which it may be the same one"), default=30)
    near_days = models.PositiveIntegerField(_("days during which it may be the same one"), default=14)
    recurs_days = models.PositiveIntegerField(_("days after closing during which it counts as recurring"), default=30)
    skills = ArrayField(
        models.SlugField(max_length=40), verbose_name=_("skills that are needed"), default=list, blank=True, size=5
    )
    sort = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["sort", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="category_edition"),
            models.UniqueConstraint(fields=["code"], condition=Q(active=True), name="category_one_active"),
            models.CheckConstraint(name="category_code_digits", condition=Q(code__regex=r"^\d{5}$")),
            models.CheckConstraint(name="category_limit_positive", condition=Q(limit_minutes__gt=0)),
            models.CheckConstraint(name="category_near_metres", condition=Q(near_metres__lte=500)),
        ]

    @property
    def local_group(self) -> str:
        """The group's title in the reader's language."""
        return self.group_en if self.group_en and self.local_name == self.name_en else self.group


class CheckpointType(Named):
    """A type of checkpoint such as a school gate or a market (点位类型)."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    glyph = models.CharField(_("icon character"), max_length=1)
    geometry = models.CharField(
        _("geometry"),
        max_length=8,
        choices=[("point", _("point")), ("line", _("line")), ("polygon", _("polygon"))],
    )
    sort = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("checkpoint type")
        verbose_name_plural = _("checkpoint types")
        ordering = ["sort", "code"]


class Checklist(models.Model):
    """One version of what is scored at a type of checkpoint (测评清单)."""

    type = models.ForeignKey(CheckpointType, models.PROTECT, verbose_name=_("type"), related_name="checklists")
    version = models.PositiveIntegerField(_("version"))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        constraints = [models.UniqueConstraint(fields=["type", "version"], name="checklist_version")]

    def __str__(self) -> str:
        return f"{self.type} v{self.version}"


class Criterion(Named):
    """One thing that is scored, with the points it can lose (测评内容); linear ones ask for so many per length."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, verbose_name=_("checklist"), related_name="criteria")
    code = models.CharField(_("code"), max_length=20)
    weight = models.DecimalField(_("points lost"), max_digits=5, decimal_places=2)
    per_metres = models.PositiveIntegerField(_("per metres"), null=True, blank=True)
    at_least = models.PositiveIntegerField(_("at least"), null=True, blank=True)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [
            models.UniqueConstraint(fields=["checklist", "code"], name="criterion_code"),
            models.CheckConstraint(
                name="criterion_linear_whole",
                condition=Q(per_metres__isnull=True, at_least__isnull=True) | Q(per_metres__gt=0, at_least__gt=0),
            ),
        ]
