"""Who has which report open on the dispatch board just now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from patrols.models.reports import Report


class Looking(models.Model):
    """The report that a dispatcher looks at (正在处理): a soft word to the others, no lock; stale after a minute.

    `district` and `region_code` repeat the report's, so that the board's poll reads no report.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    district = models.CharField(max_length=6)
    region_code = models.CharField(max_length=12)
    seen_at = models.DateTimeField(_("last sign of life"))

    class Meta:
        verbose_name = _("looking")
        indexes = [models.Index(fields=["district", "seen_at"], name="looking_now")]

    def __str__(self) -> str:
        return f"{self.person} · {self.report}"
