"""Programs of others that file reports by Open311, and what each of them filed."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Region, history
from patrols.models.reports import Report


class Open311Client(models.Model):
    """A program that may file reports in a region by Open311 (Open311 客户端); its key is kept as a hash."""

    name = models.CharField(
        _("name"), max_length=80, help_text=_("Dispatchers read it where a report says what passed it on.")
    )
    contact = models.CharField(_("who runs it, and how to reach them"), max_length=200)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="+")
    rate = models.PositiveSmallIntegerField(
        _("requests a minute"), default=60, validators=[MinValueValidator(1), MaxValueValidator(6000)]
    )
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(_("the key's ending"), max_length=4, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("made by"), related_name="+", editable=False
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Open311 client")
        verbose_name_plural = _("Open311 clients")
        constraints = [models.CheckConstraint(name="open311_rate", condition=Q(rate__gte=1, rate__lte=6000))]

    def __str__(self) -> str:
        return self.name


class Open311Filing(models.Model):
    """Which client filed a report, and the digest of what it sent: the same twice is one report."""

    district = models.CharField(max_length=6)
    client = models.ForeignKey(Open311Client, models.PROTECT, related_name="filings")
    report = models.OneToOneField(Report, models.CASCADE, related_name="open311_filing")
    fingerprint = models.CharField(max_length=64)
    filed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("report by Open311")
        verbose_name_plural = _("reports by Open311")
        indexes = [models.Index(fields=["client", "fingerprint", "-filed_at"], name="open311_filing_again")]

    def __str__(self) -> str:
        return self.fingerprint[:8]


history.keep(Open311Client, exclude=("key_hash", "last_used_at"))
