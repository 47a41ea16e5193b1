"""Links through which residents bring a wish without an account."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Grid, Region


class RequestLink(models.Model):
    """A link or printed code by which residents of a community or grid bring a wish (点单入口)."""

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("community"), related_name="+")
    grid = models.ForeignKey(Grid, models.PROTECT, verbose_name=_("grid"), null=True, blank=True, related_name="+")
    note = models.CharField(_("where it hangs"), max_length=120, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("link for requests")
        verbose_name_plural = _("links for requests")
        constraints = [
            models.CheckConstraint(
                name="request_link_revoked_by_somebody",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["region", "-made_at"], name="request_link_newest")]

    def __str__(self) -> str:
        return str(self.grid or self.region)
