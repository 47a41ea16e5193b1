"""Areas with rules of their own, and dated sets of zero-deduction checkpoints."""

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _

from grids.models.base import Dated, Sourced, no_overlap, sound, unique_source
from grids.models.places import Named, Region
from grids.models.plant import Checkpoint


class ZoneKind(models.TextChoices):
    """What a zone is for."""

    DUTY = "duty", _("duty area")
    CORE = "core", _("core area")
    CAMPAIGN = "campaign", _("campaign area")
    EXEMPTION = "exemption", _("exemption zone")


class Zone(Named, Dated, Sourced):
    """An area or stretch with rules of its own (重点区域): frontage duty, a 500 m core, a campaign, an exemption."""

    kind = models.CharField(_("kind"), max_length=10, choices=ZoneKind)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="zones")
    geom = models.GeometryField(_("area"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        constraints = [unique_source("zone"), sound("zone")]
        indexes = [GistIndex(fields=["geom"], name="zone_geom")]


class Designation(Dated):
    """A checkpoint's being on the zero-deduction list, with who put it there (零失分点位认定)."""

    checkpoint = models.ForeignKey(
        Checkpoint, models.PROTECT, verbose_name=_("checkpoint"), related_name="designations"
    )
    designated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("put there by"), null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("designation")
        verbose_name_plural = _("designations")
        constraints = [no_overlap("designation", ["checkpoint"])]

    def __str__(self) -> str:
        return str(self.checkpoint)
