"""Who reported what was there already: they follow that report instead of filing another."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patrols.models.reports import Report, Source


class Follower(models.Model):
    """A further report of a problem that has one (又有人反映): told of what becomes of it as its reporter is.

    The id is the client's, as that of a report would have been. `via` is the report that was marked as a duplicate and
    brought it here; without one it was said of this report itself. `filed` says that the row stands for whoever filed
    that duplicate. `person` is who said it; of an outside source that is the dispatcher who wrote it down. On the
    public map nobody says who they are: they ask by the `public_number`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    report = models.ForeignKey(Report, models.CASCADE, related_name="followers")
    via = models.ForeignKey(Report, models.CASCADE, null=True, blank=True, related_name="brought")
    filed = models.BooleanField(_("filed the duplicate"), default=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(_("came in by"), max_length=10, choices=Source, default=Source.PATROL)
    public_number = models.CharField(_("public number"), max_length=20, blank=True, default="", db_default="")
    outside_number = models.CharField(_("number outside"), max_length=40, blank=True, default="", db_default="")
    place = models.CharField(_("place in words"), max_length=120, blank=True)
    words = models.TextField(_("description"), max_length=2000, blank=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("follower")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "person"],
                condition=Q(via__isnull=True, source=Source.PATROL),
                name="follower_once",
            ),
            models.UniqueConstraint(
                fields=["district", "public_number"], condition=Q(public_number__gt=""), name="follower_public_number"
            ),
        ]
        indexes = [models.Index(fields=["person", "-since"], name="follower_person")]

    def __str__(self) -> str:
        return f"{self.person or self.get_source_display()} → {self.report}"
