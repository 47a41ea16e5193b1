"""Things that stand somewhere: checkpoints, assets and service points."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _

from grids.models.base import Dated, Sourced, sound, unique_source
from grids.models.catalogue import CheckpointType
from grids.models.places import Named, Region


class Checkpoint(Named, Dated, Sourced):
    """A place that assessment teams score (点位): a point, a stretch of street or an area."""

    type = models.ForeignKey(CheckpointType, models.PROTECT, verbose_name=_("type"), related_name="checkpoints")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="checkpoints")
    geom = models.GeometryField(_("place"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [unique_source("checkpoint"), sound("checkpoint")]
        indexes = [GistIndex(fields=["geom"], name="checkpoint_geom")]


class Asset(Named, Dated, Sourced):
    """A sign-board, poster or other thing that criteria count (设施)."""

    kind = models.CharField(_("kind"), max_length=40)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="assets")
    geom = models.GeometryField(_("place"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        constraints = [unique_source("asset"), sound("asset")]
        indexes = [GistIndex(fields=["geom"], name="asset_geom")]


class ServicePoint(Named, Dated, Sourced):
    """A station where volunteers serve, such as a Lei Feng station (服务点)."""

    kind = models.CharField(_("kind"), max_length=40)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="service_points")
    geom = models.PointField(_("place"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("service point")
        verbose_name_plural = _("service points")
        constraints = [unique_source("service_point"), sound("service_point")]
        indexes = [GistIndex(fields=["geom"], name="service_point_geom")]
