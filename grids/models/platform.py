"""What every app stands on: outbox, clock, jobs, notifications, keys and logs."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Outbox(models.Model):
    """Work promised by a transaction: written with it, handed to a worker after it, done once."""

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    topic = models.CharField(max_length=60)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    available_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["available_at"], name="outbox_open", condition=Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"


class Slot(models.Model):
    """One run of a clock's task: whoever inserts (task, slot) first runs it."""

    task = models.CharField(max_length=60)
    slot = models.DateTimeField()
    done_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "slot"], name="slot_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.slot:%Y-%m-%d %H:%M}"


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Job(models.Model):
    """Long work somebody waits for, with its progress and result (任务进度).

    Whoever works on it holds the number `fence` and gives signs of life; a number taken over is worth nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    kind = models.CharField(max_length=60)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs", db_index=False)
    district = models.CharField(max_length=6, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    parameters = models.JSONField(default=dict)
    share = models.FloatField(default=0)
    step = models.CharField(max_length=120, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    cancel_asked = models.BooleanField(default=False)
    fence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [models.CheckConstraint(name="job_share", condition=Q(share__gte=0, share__lte=1))]
        indexes = [
            # The id begins with the time it was made at: newest first is the id backwards.
            models.Index(fields=["person", "-id"], name="job_own"),
            models.Index(fields=["heartbeat_at"], name="job_running", condition=Q(state="running")),
            models.Index(fields=["finished_at"], name="job_finished", condition=Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class Notification(models.Model):
    """Something a person should know, in their inbox (消息).

    It stands there at once. `due_at` is when their attention may be drawn to it: at once, or after their quiet hours.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    key = models.CharField(max_length=120)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    urgent = models.BooleanField(default=False, db_default=False)
    due_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notification")
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="notification_once")]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notification_inbox"),
            models.Index(fields=["person"], name="notification_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["due_at"], name="notification_waiting", condition=Q(delivered_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.subject


class IdempotencyKey(models.Model):
    """The answer once given to a request with this key: the same key and body get it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class Device(models.Model):
    """A tracker or phone that sends positions under a credential of its own (设备)."""

    class Protocol(models.TextChoices):
        """Which application sends."""

        OSMAND = "osmand", "OsmAnd"
        TRACCAR = "traccar", "Traccar Client"
        OWNTRACKS = "owntracks", "OwnTracks"
        GPSLOGGER = "gpslogger", "GPSLogger"
        OVERLAND = "overland", "Overland"

    class Speed(models.TextChoices):
        """In which unit it sends speeds where its protocol leaves that open."""

        KNOTS = "knots", _("knots")
        METRES_A_SECOND = "m/s", _("metres a second")
        KILOMETRES_AN_HOUR = "km/h", _("kilometres an hour")

    class Crs(models.TextChoices):
        """In which coordinates it sends places."""

        WGS84 = "wgs84", "WGS-84"
        GCJ02 = "gcj02", "GCJ-02"
        BD09 = "bd09", "BD-09"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    name = models.CharField(_("name"), max_length=80)
    protocol = models.CharField(_("protocol"), max_length=20, choices=Protocol)
    speed_unit = models.CharField(_("unit of speed"), max_length=5, choices=Speed, default=Speed.KNOTS)
    crs = models.CharField(_("coordinates"), max_length=5, choices=Crs, default=Crs.WGS84)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # When its newest position came in and what became of it: "", "waiting", or the reason why it was kept aside.
    heard_at = models.DateTimeField(null=True, blank=True)
    heard = models.CharField(max_length=40, blank=True, db_default="")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("device")

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A credential for programs, stored as a hash (接口令牌)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    secret_hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(_("ends in"), max_length=4, default="", editable=False)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        indexes = [models.Index(fields=["person", "-created_at"], name="api_token_person")]

    def __str__(self) -> str:
        return self.name


class LookLog(models.Model):
    """Every look at somebody's track or position, visible to its owner (查阅记录); written by `grids.looks`.

    A look at the contact of a request has no owner here, since residents have no account: the request's page shows it.
    Whoever keeps a board open looks for hours: one row a viewer, owner, patrol and quarter of an hour.
    """

    class What(models.TextChoices):
        """What was looked at."""

        POSITION = "position", _("position on patrol")
        DISTANCE = "distance", _("distance from a report")
        CONTACT = "contact", _("contact of a request")

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="looks")
    what = models.CharField(max_length=60, choices=What)
    role = models.CharField(max_length=20, blank=True, db_default="")
    # The patrol, or the request: what lies above this app is named by its id alone.
    about = models.UUIDField(null=True)
    slot = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("look")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "viewer", "what", "about", "slot"], name="look_once", nulls_distinct=False
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-at"], name="look_owner"),
            models.Index(fields=["at"], name="look_age"),
        ]

    def __str__(self) -> str:
        return f"{self.viewer} · {self.what}"
