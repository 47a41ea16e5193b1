"""What patrols have seen of streets and places, and the cleaned track of each for a while."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Building, Checkpoint, Stairwell, Street
from grids.models.base import sound
from grids.models.people import exactly_one
from patrols.models.fields import StretchesField
from patrols.models.patrol import Patrol

# What can be seen on a patrol, by the name of its column.
SEEN = ("street", "checkpoint", "stairwell", "building")


class Track(models.Model):
    """The cleaned way of a patrol (巡查轨迹), cut near private places; kept thirty days and shown to its volunteer."""

    patrol = models.OneToOneField(Patrol, models.CASCADE, related_name="track")
    district = models.CharField(max_length=6)
    geom = models.MultiLineStringField(_("way"), srid=4326, null=True)
    reasons = models.JSONField(_("fixes that do not count, by reason"), default=dict)
    measured_at = models.DateTimeField()

    class Meta:
        verbose_name = _("track")
        constraints = [sound("track")]
        indexes = [models.Index(fields=["measured_at"], name="track_age")]

    def __str__(self) -> str:
        return str(self.patrol_id)


class TrackFile(models.Model):
    """A file with the track of a patrol, by the digest of its bytes: the same again changes nothing."""

    patrol = models.ForeignKey(Patrol, models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=64)
    points = models.PositiveIntegerField()
    untimed = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("track file")
        constraints = [models.UniqueConstraint(fields=["patrol", "sha256"], name="track_file_once")]

    def __str__(self) -> str:
        return self.sha256[:12]


class Seen(models.Model):
    """A street or place on a day: measured stretches, what a gap leaves unknown, and what was ticked by hand (自报)."""

    district = models.CharField(max_length=6)
    day = models.DateField(_("day"))
    street = models.ForeignKey(Street, models.CASCADE, null=True, blank=True, related_name="+")
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, null=True, blank=True, related_name="+")
    stairwell = models.ForeignKey(Stairwell, models.CASCADE, null=True, blank=True, related_name="+")
    building = models.ForeignKey(Building, models.CASCADE, null=True, blank=True, related_name="+")
    covered = StretchesField(_("covered"), default=tuple)
    unknown = StretchesField(_("unknown"), default=tuple)
    told = models.BooleanField(_("told by hand"), default=False)

    class Meta:
        abstract = True


class Sight(Seen):
    """What one patrol saw on a day: gone with its raw fixes, since it says as much about the volunteer as they do.

    Of a volunteer who withdrew the consent it stays without the patrol: the day may be folded again.
    """

    patrol = models.ForeignKey(Patrol, models.CASCADE, null=True, related_name="sights")

    class Meta:
        verbose_name = _("sight")
        constraints = [
            exactly_one("sight_of_one", list(SEEN)),
            *(
                models.UniqueConstraint(
                    fields=["patrol", "day", one, "told"], condition=Q(**{f"{one}__isnull": False}), name=f"sight_{one}"
                )
                for one in SEEN
            ),
        ]
        indexes = [
            *(
                models.Index(fields=[one, "day"], condition=Q(**{f"{one}__isnull": False}), name=f"sight_of_{one}")
                for one in SEEN
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patrol_id} {self.day}"


class Coverage(Seen):
    """What was seen of a street or place on a day (巡查覆盖) by everybody together, without person or patrol."""

    class Meta:
        verbose_name = _("coverage")
        verbose_name_plural = _("coverage")
        constraints = [
            exactly_one("coverage_of_one", list(SEEN)),
            *(
                models.UniqueConstraint(
                    fields=["district", one, "day"], condition=Q(**{f"{one}__isnull": False}), name=f"coverage_{one}"
                )
                for one in SEEN
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"
