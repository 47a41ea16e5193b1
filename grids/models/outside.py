"""What brings a message to somebody outside of this site: addresses, wishes, what waits to be sent, group robots."""

import uuid_utils.compat as uuid7
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grids.models.people import Team
from grids.models.places import Region
from grids.models.platform import Notification

# The one channel that leads to several addresses of a person: a browser is one.
PUSH = "push"


class Address(models.Model):
    """Where a person is reached through a channel (接收地址), sealed; good for anything once it is confirmed.

    `code_from` is when the present code was asked for: the code itself is made of it and kept nowhere. A browser
    belongs to one person at a time, and is known by the digest of the address that its push service gave it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses")
    channel = models.CharField(max_length=20)
    sealed = models.BinaryField()
    hint = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    code_from = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    # After failures it rests: what waits for it waits together.
    failures = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    endpoint_hash = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        verbose_name = _("address of a channel")
        constraints = [
            models.UniqueConstraint(fields=["person", "channel"], name="address_one", condition=~Q(channel=PUSH)),
            models.UniqueConstraint(fields=["endpoint_hash"], name="address_browser", condition=Q(channel=PUSH)),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.hint}"


class Wishes(models.Model):
    """What a person wants to be told outside of the site, and when (接收设置); what is not there goes by default.

    `choices` says by channel and kind of message: at_once, digest or never.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="wishes_for_messages"
    )
    choices = models.JSONField(default=dict)
    digest_hours = ArrayField(models.PositiveSmallIntegerField(), default=list)

    class Meta:
        verbose_name = _("wishes for messages")

    def __str__(self) -> str:
        return str(self.person_id)


class GroupRobot(models.Model):
    """A robot of a chat group that tells a region's group what happens (群机器人); address and secret are sealed."""

    class Kind(models.TextChoices):
        """Whose robot it is."""

        WECOM = "wecom", _("WeCom")
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu")

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7, editable=False)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), related_name="robots")
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("team"), null=True, blank=True, related_name="robots")
    sealed = models.BinaryField()
    hint = models.CharField(max_length=20)
    verbs = ArrayField(models.CharField(max_length=40), default=list)
    # Empty means every category.
    categories = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("group robot")
        verbose_name_plural = _("group robots")
        indexes = [models.Index(fields=["region"], name="robot_region", condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return self.name


class Parcel(models.Model):
    """One message on its way through one channel, to a person or a group (待送消息): there once, sent by the courier.

    A person's speaks of a notification, or is a code or a test of their address; a group's says what happened.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("waits")
        SENDING = "sending", _("is being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")
        NEEDLESS = "needless", _("not needed any more")

    channel = models.CharField(max_length=20)
    notification = models.ForeignKey(Notification, models.CASCADE, null=True, related_name="parcels")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="parcels")
    robot = models.ForeignKey(GroupRobot, models.CASCADE, null=True, related_name="parcels")
    # Which browser; without it where the channel and the person say enough, and where the browser is gone.
    address = models.ForeignKey(Address, models.SET_NULL, null=True, related_name="parcels")
    # What it is about where that is no notification: "code:…", "test:…", or the thing told to a group.
    key = models.CharField(max_length=120, blank=True)
    payload = models.JSONField(default=dict)
    digest = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Who sends it now, and until when that counts; after that nobody knows what became of it.
    courier = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message on its way")
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="parcel_once", condition=~Q(channel=PUSH)),
            models.UniqueConstraint(
                fields=["notification", "address"], name="parcel_browser_once", condition=Q(channel=PUSH)
            ),
            models.UniqueConstraint(
                fields=["robot", "key"], name="parcel_robot_once", condition=Q(robot__isnull=False)
            ),
            models.CheckConstraint(
                name="parcel_addressee",
                condition=Q(person__isnull=False, robot__isnull=True) | Q(person__isnull=True, robot__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "due_at"], name="parcel_waiting", condition=Q(state="waiting")),
            models.Index(fields=["held_until"], name="parcel_sending", condition=Q(state="sending")),
            models.Index(fields=["person", "-id"], name="parcel_person"),
            models.Index(fields=["ended_at"], name="parcel_ended", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class Delivery(models.Model):
    """One attempt to bring a message through a channel (送达记录). Its detail names no address and no secret."""

    class Outcome(models.TextChoices):
        """What became of it; unknown when the receiver may have got it and did not say so."""

        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")
        UNKNOWN = "unknown", _("not known")

    notification = models.ForeignKey(Notification, models.CASCADE, null=True, related_name="deliveries")
    parcel = models.ForeignKey(Parcel, models.CASCADE, null=True, related_name="attempts_made")
    channel = models.CharField(max_length=20)
    attempted_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.DELIVERED, db_default="delivered")
    reason = models.CharField(max_length=40, blank=True, db_default="")
    detail = models.TextField(blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [models.Index(fields=["attempted_at"], name="delivery_log", condition=Q(parcel__isnull=False))]

    def __str__(self) -> str:
        return f"{self.channel} {self.attempted_at:%Y-%m-%d %H:%M}"
