"""Photos of reports: what is known of each; the pictures themselves lie in the storage."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from patrols.models.reports import Report


class PhotoKind(models.TextChoices):
    """What a photo shows of a problem."""

    BEFORE = "before", pgettext_lazy("photo", "before")
    AFTER = "after", pgettext_lazy("photo", "after")
    VERIFY = "verify", pgettext_lazy("photo", "verification")
    OTHER = "other", pgettext_lazy("photo", "other")


class PhotoState(models.TextChoices):
    """Whether a photo is shown."""

    STORED = "stored", pgettext_lazy("photo", "shown")
    HIDDEN = "hidden", pgettext_lazy("photo", "removed")
    ERASED = "erased", pgettext_lazy("photo", "erased")


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos as sets."""

    def shown(self) -> "PhotoQuerySet":
        """Keep those that are shown, in the order in which they came."""
        return self.filter(state=PhotoState.STORED).order_by("recorded_at", "id")


class Photo(models.Model):
    """A picture of a report (照片), stored without anything but its pixels.

    `full` (long edge at most 2560), `large` (1024) and `small` (320) are names in the storage; `sha256`, `bytes`,
    `width` and `height` are of `full`. `public` and `public_small` are copies with `boxes` made unrecognisable, there
    once somebody released the photo (`public_at`). A box is left, top, width and height in pixels of `full`. Where it
    was taken is not kept: the report has the place.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    district = models.CharField(max_length=6)
    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("what it shows"), max_length=6, choices=PhotoKind, default=PhotoKind.BEFORE)
    state = models.CharField(_("state"), max_length=6, choices=PhotoState, default=PhotoState.STORED)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    full = models.CharField(max_length=120)
    large = models.CharField(max_length=120)
    small = models.CharField(max_length=120)
    public = models.CharField(max_length=120, blank=True)
    public_small = models.CharField(max_length=120, blank=True)
    boxes = ArrayField(ArrayField(models.PositiveIntegerField(), size=4), default=list, blank=True)
    public_at = models.DateTimeField(_("released to the public"), null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    hidden_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "report", "sha256"], condition=Q(state=PhotoState.STORED), name="photo_once"
            ),
            models.CheckConstraint(name="photo_kind_known", condition=Q(kind__in=PhotoKind.values)),
            models.CheckConstraint(name="photo_state_known", condition=Q(state__in=PhotoState.values)),
            models.CheckConstraint(
                name="photo_public_has_a_copy",
                condition=Q(public_at__isnull=True) | (~Q(public="") & ~Q(public_small="") & Q(state="stored")),
            ),
            models.CheckConstraint(name="photo_hidden_since", condition=Q(state="stored") | Q(hidden_at__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["report", "recorded_at", "id"], name="photo_report"),
            models.Index(fields=["hidden_at"], name="photo_hidden", condition=Q(state="hidden")),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def blurred(self) -> bool:
        """Whether something in the public copy was made unrecognisable."""
        return bool(self.boxes)

    @property
    def names(self) -> list[str]:
        """The names in the storage that belong to it."""
        return [name for name in (self.full, self.large, self.small, self.public, self.public_small) if name]
