"""Proposals of grids for a community: where they came from, what they consist of, and how they were edited."""

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models.base import sound
from grids.models.grid import GridKind
from grids.models.places import Region
from grids.models.platform import Job


class SplitState(models.TextChoices):
    """Where a proposal stands. What is discarded is deleted."""

    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")


class SplitSource(models.TextChoices):
    """How a proposal came to be."""

    SPLIT = "split", _("computed")
    GRIDS = "grids", _("grids of a day")
    FILE = "file", _("ready-made grids")


class SplitRun(models.Model):
    """A proposal of grids for a community with its parameters and the quality of its present state (网格划分).

    `version` grows with everything that changes it: whoever edits or accepts says which one they saw. `head` is the
    edit whose outcome is present. What the blocks and grids looked like before stays in their tables, so that undoing
    brings back the very same coordinates.
    """

    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("community"), related_name="split_runs")
    source = models.CharField(_("source"), max_length=8, choices=SplitSource, default=SplitSource.SPLIT)
    state = models.CharField(_("state"), max_length=8, choices=SplitState, default=SplitState.PROPOSED)
    parameters = models.JSONField(default=dict)
    remarks = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    head = models.ForeignKey("SplitEdit", models.SET_NULL, null=True, related_name="+", db_index=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("split run")
        verbose_name_plural = _("split runs")
        constraints = [
            models.CheckConstraint(
                name="split_accepted_when",
                condition=Q(state=SplitState.ACCEPTED, accepted_at__isnull=False)
                | Q(state=SplitState.PROPOSED, accepted_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["changed_at"], name="split_old", condition=Q(state=SplitState.PROPOSED)),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.created_at:%Y-%m-%d}"


class SplitGrid(models.Model):
    """One grid of a proposal in one of its states; only the present rows count.

    `key` stays through all edits, `parent` is the key of a unit grid's service grid.
    """

    run = models.ForeignKey(SplitRun, models.CASCADE, related_name="grids", db_index=False)
    key = models.PositiveIntegerField()
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=8, choices=GridKind)
    parent = models.PositiveIntegerField(null=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    code = models.CharField(_("code"), max_length=15, blank=True)
    households = models.PositiveIntegerField(_("households"))
    geom = models.PolygonField(_("boundary"), srid=4326, spatial_index=False)
    present = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("proposed grid")
        verbose_name_plural = _("proposed grids")
        constraints = [
            sound("split_grid"),
            models.UniqueConstraint(fields=["run", "key"], name="split_grid_key", condition=Q(present=True)),
        ]
        indexes = [models.Index(fields=["run"], name="split_grid_run")]

    def __str__(self) -> str:
        return self.name or str(self.number)


class SplitBlock(models.Model):
    """One block of a proposal in one of its states: the smallest piece that changes its grid.

    `grid` is the key of the smallest grid it belongs to, `buildings` are ids of the buildings that stand on it.
    """

    run = models.ForeignKey(SplitRun, models.CASCADE, related_name="blocks", db_index=False)
    key = models.PositiveIntegerField()
    grid = models.PositiveIntegerField()
    households = models.PositiveIntegerField(_("households"))
    buildings = ArrayField(models.BigIntegerField(), default=list)
    geom = models.PolygonField(_("boundary"), srid=4326, spatial_index=False)
    present = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("block of a proposal")
        verbose_name_plural = _("blocks of proposals")
        constraints = [
            sound("split_block"),
            models.UniqueConstraint(fields=["run", "key"], name="split_block_key", condition=Q(present=True)),
        ]
        indexes = [models.Index(fields=["run"], name="split_block_run")]

    def __str__(self) -> str:
        return str(self.key)


class SplitEdit(models.Model):
    """One edit of a proposal, never changed: which rows it replaced by which, and the quality it left.

    `tallies` has what each grid adds to that, so that the next edit measures only what it touches.

    `parent` is the edit before it. Undoing leads to the parent, redoing to the latest child; what was undone and then
    overtaken by another edit stays as a branch that nobody goes back to.
    """

    run = models.ForeignKey(SplitRun, models.CASCADE, related_name="edits")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    verb = models.CharField(max_length=12)
    parameters = models.JSONField(default=dict)
    quality = models.JSONField(default=dict)
    tallies = models.JSONField(default=dict)
    grids_before = ArrayField(models.BigIntegerField(), default=list)
    grids_after = ArrayField(models.BigIntegerField(), default=list)
    blocks_before = ArrayField(models.BigIntegerField(), default=list)
    blocks_after = ArrayField(models.BigIntegerField(), default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("edit of a proposal")
        verbose_name_plural = _("edits of proposals")

    def __str__(self) -> str:
        return f"{self.verb} {self.made_at:%Y-%m-%d %H:%M}"


class SplitFile(models.Model):
    """A file with ready-made grids, until the job that makes a proposal of it is over."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="split_file")
    data = models.BinaryField()

    class Meta:
        verbose_name = _("file of ready-made grids")
        verbose_name_plural = _("files of ready-made grids")

    def __str__(self) -> str:
        return str(self.job)
