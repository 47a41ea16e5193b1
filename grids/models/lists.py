"""Lists that people bring in: a file as it was read, kept apart from the real tables until it is accepted."""

from datetime import datetime, timedelta

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grids.models.places import Region
from grids.models.platform import Job

KEPT = timedelta(days=30)


def until_expired() -> datetime:
    """Return when a list that is brought in now is forgotten."""
    return timezone.now() + KEPT


class ListKind(models.TextChoices):
    """What the rows of a list are."""

    CHECKPOINTS = "checkpoints", _("checkpoints")
    PEOPLE = "people", _("people")
    ORGANISATIONS = "organisations", _("organisations")
    STAIRWELLS = "stairwells", _("stairwells")
    ASSETS = "assets", _("assets")
    HOUSEHOLDS = "households", _("households per building")


class ListState(models.TextChoices):
    """Where a list stands."""

    OPEN = "open", _("not finished")
    WRITING = "writing", _("being brought in")
    DONE = "done", _("brought in")
    UNDONE = "undone", _("taken back")


class ListImport(models.Model):
    """A list that somebody is bringing in (名单导入): how it was read, what its columns mean, what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_imports")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=14, choices=ListKind)
    name = models.CharField(_("name of the list"), max_length=40)
    file_name = models.CharField(_("file"), max_length=120)
    state = models.CharField(_("state"), max_length=8, choices=ListState, default=ListState.OPEN)
    reading = models.JSONField(default=dict)
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=until_expired, db_index=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("list import")
        indexes = [models.Index(fields=["person", "-created_at"], name="list_import_mine")]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """The source under which its rows are known: nobody else's list can have the same."""
        return f"list:{self.region.code}:{self.name}"


class ListFile(models.Model):
    """The file itself, to be read again with another sheet or encoding; goes when the list is brought in."""

    list_import = models.OneToOneField(ListImport, models.CASCADE, primary_key=True, related_name="file")
    data = models.BinaryField()

    def __str__(self) -> str:
        return str(self.list_import)


class RowState(models.TextChoices):
    """What has to be done about a row."""

    READY = "ready", _("ready")
    PROBLEM = "problem", _("has a problem")
    UNPLACED = "unplaced", _("without a place")
    SKIPPED = "skipped", _("left out")


class Fate(models.TextChoices):
    """What bringing a row in would do."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")


class ListRow(models.Model):
    """One row of a list: its cells as they were read, what they mean, what is wrong with them, and its place.

    `pin` says how somebody placed the row by hand, or why it is left out. `corrected` says of each corrected cell, by
    the number of its column, what the file says there. Two rows with the same `identity` speak of the same thing.
    `target` is the thing it became and `before` what that was until then.
    """

    list_import = models.ForeignKey(ListImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row in the file"))
    cells = models.JSONField()
    corrected = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    file_geom = models.GeometryField(srid=4326, null=True, spatial_index=False)
    geom = models.GeometryField(_("place"), srid=4326, null=True, spatial_index=False)
    pin = models.JSONField(null=True)
    state = models.CharField(_("state"), max_length=8, choices=RowState, default=RowState.READY)
    fate = models.CharField(max_length=9, choices=Fate, blank=True)
    source_id = models.CharField(max_length=120, blank=True)
    identity = models.CharField(max_length=24, blank=True)
    target = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_import", "number"], name="list_row_number")]
        indexes = [
            models.Index(fields=["list_import", "state", "number"], name="list_row_todo", condition=~Q(state="ready")),
            models.Index(fields=["list_import", "identity"], name="list_row_identity", condition=~Q(identity="")),
            models.Index(fields=["list_import", "number"], name="list_row_corrected", condition=~Q(corrected={})),
        ]

    def __str__(self) -> str:
        return f"{self.list_import} {self.number}"


class ListMapping(models.Model):
    """What somebody said the columns of a list with these headings mean: offered again with the next such list."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=14, choices=ListKind)
    fingerprint = models.CharField(max_length=32)
    columns = models.JSONField()
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "fingerprint"], name="list_mapping_once")]

    def __str__(self) -> str:
        return f"{self.person} {self.kind}"


class ListCorrection(models.Model):
    """What was corrected in a list (名单更正): done again with the next list of this kind and region, and shown there.

    `said` is what the file says in the column of a field, `value` what it means. With a `row`, it holds for the row of
    that name only; a `place` is the building that was chosen for the row.
    """

    kind = models.CharField(max_length=14, choices=ListKind)
    region = models.ForeignKey(Region, models.CASCADE, related_name="+")
    field = models.CharField(max_length=20)
    said = models.CharField(max_length=500)
    row = models.CharField(max_length=28, blank=True)
    value = models.CharField(max_length=500, blank=True)
    place = models.JSONField(null=True)
    used_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "kind", "field", "row", "said"], name="list_correction_once")
        ]

    def __str__(self) -> str:
        return f"{self.said} → {self.value}"
