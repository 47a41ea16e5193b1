"""Grids and how they came to be."""

from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grids.models.base import Dated, no_overlap, sound
from grids.models.places import Region


class GridKind(models.TextChoices):
    """Two kinds of grid: whole unit grids make a service grid."""

    SERVICE = "service", _("service grid")
    UNIT = "unit", _("unit grid")


def local_grid_name(name: str, code: str) -> str:
    """Return a grid's name in the reader's language: one that nobody chose, such as 第3网格, is “Grid 3” in English."""
    number = int(code[12:])
    in_english = (get_language() or "").startswith("en")
    return f"Grid {number}" if in_english and name.endswith(f"第{number}网格") else name


class Grid(Dated):
    """A patch of a community with named owners (网格): 300-500 households, or a unit grid of about 10,000 m²."""

    code = models.CharField(_("code"), max_length=15)
    kind = models.CharField(_("kind"), max_length=8, choices=GridKind, default=GridKind.SERVICE)
    name = models.CharField(_("name"), max_length=120)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="grids")
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("above it"), null=True, blank=True, related_name="units"
    )
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    geom = models.PolygonField(_("boundary"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("grid")
        verbose_name_plural = _("grids")
        constraints = [
            sound("grid"),
            no_overlap("grid", ["code", "kind"]),
            models.CheckConstraint(name="grid_code_has_15_digits", condition=Q(code__regex=r"^\d{15}$")),
            models.CheckConstraint(
                name="grid_parent_is_of_units", condition=Q(parent__isnull=True) | Q(kind=GridKind.UNIT)
            ),
        ]
        indexes = [
            GistIndex(fields=["geom"], name="grid_geom"),
            models.Index(fields=["code"], name="grid_code", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        """The name in the reader's language."""
        return local_grid_name(self.name, self.code)

    @classmethod
    def covering(cls, point: Point) -> "models.QuerySet[Grid]":
        """Return the current service grids that cover a point, the lowest code first.

        A point on a shared edge is covered by both; taking the first gives every caller the same grid.
        """
        return cls.objects.current().filter(kind=GridKind.SERVICE, geom__covers=point).order_by("code")

    @property
    def number(self) -> int:
        """The sequence number within the community."""
        return int(self.code[12:])


class GridLineage(models.Model):
    """Which share of an old grid's households went to which new grid (沿革)."""

    old = models.ForeignKey(Grid, models.PROTECT, related_name="successors")
    new = models.ForeignKey(Grid, models.PROTECT, related_name="predecessors")
    share = models.FloatField(_("share of the old grid's households"))

    class Meta:
        verbose_name = _("grid lineage")
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="lineage_once"),
            models.CheckConstraint(name="lineage_share", condition=Q(share__gt=0, share__lte=1)),
            models.CheckConstraint(name="lineage_moves", condition=~Q(old=F("new"))),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"
