"""What patrols have seen of streets and places, and the cleaned track of each for a while."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Building, Checkpoint, Grid, Stairwell, Street
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
    gaps = models.JSONField(_("silences, from and to in epoch seconds"), default=list)
    measured_at = models.DateTimeField()

    class Meta:
        verbose_name = _("track")
        constraints = [sound("track")]
        indexes = [models.Index(fields=["measured_at"], name="track_age")]

    def __str__(self) -> str:
        return str(self.patrol_id)


class TrackFile(models.Model):
    """A file with the track of a patrol, by the digest of its bytes: the same again changes nothing.

    `shape` is the way along its points without a time, cut near private places: it is shown, and covers nothing.
    """

    patrol = models.ForeignKey(Patrol, models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=64)
    points = models.PositiveIntegerField()
    untimed = models.PositiveIntegerField()
    shape = models.MultiLineStringField(_("way without times"), srid=4326, null=True, spatial_index=False)
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


class GridGround(models.Model):
    """What the streets of a grid were laid out from: another boundary or other streets have another stamp."""

    grid = models.OneToOneField(Grid, models.CASCADE, primary_key=True, related_name="+")
    stamp = models.BigIntegerField()

    class Meta:
        verbose_name = _("ground of a grid")

    def __str__(self) -> str:
        return str(self.grid_id)


class GridStreet(models.Model):
    """A street as far as it lies in a grid or beside its border, and when it was last walked there.

    Derived from grids, streets and coverage by `patrols.grid_streets`, so that a map of many streets looks neither at
    geometry nor at history. `stretch` is the part in millionths of the street's length, `parts` its length in them,
    `metres` the length on the ground. `walked_on` is the last day on which enough of it was covered or it was ticked,
    `told_on` the last on which it was ticked by hand.
    """

    district = models.CharField(max_length=6)
    grid = models.ForeignKey(Grid, models.CASCADE, related_name="+")
    street = models.ForeignKey(Street, models.CASCADE, related_name="+")
    stretch = StretchesField(_("stretch"))
    parts = models.PositiveIntegerField()
    metres = models.FloatField(_("metres"))
    geom = models.MultiLineStringField(_("line"), srid=4326, spatial_index=False)
    walked_on = models.DateField(_("last walked on"), null=True)
    told_on = models.DateField(_("last told on"), null=True)

    class Meta:
        verbose_name = _("street of a grid")
        constraints = [
            models.UniqueConstraint(fields=["grid", "street"], name="grid_street_once"),
            models.CheckConstraint(name="grid_street_parts", condition=Q(parts__gt=0)),
        ]
        indexes = [GistIndex(fields=["geom"], name="grid_street_geom")]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.street_id}"
