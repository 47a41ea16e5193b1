"""How people get in: invitations, and a new start after a lost phone. Links are stored as the hash of their token."""

import uuid_utils.compat as uuid7
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models.people import Organisation, Person, Role, Team
from grids.models.places import Region


class Invitation(models.Model):
    """A link that lets somebody make an account and take a role (邀请)."""

    id = models.UUIDField(primary_key=True, default=uuid7.uuid7)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(_("role"), max_length=10, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    role_until = models.DateField(_("last day of the role"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=120, blank=True)
    most_uses = models.PositiveSmallIntegerField(_("how often it can be used"), default=1)
    valid_until = models.DateTimeField(_("valid until"))
    issued_by = models.ForeignKey(Person, models.PROTECT, related_name="invitations")
    issued_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("invitation")
        constraints = [
            models.CheckConstraint(name="invitation_most_uses", condition=Q(most_uses__gte=1)),
            models.CheckConstraint(
                name="invitation_staff_has_organisation",
                condition=~Q(role=Role.STAFF) | Q(organisation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.region}"


class InvitationUse(models.Model):
    """Who came by an invitation, and when."""

    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="uses")
    person = models.ForeignKey(Person, models.PROTECT, related_name="invited_by")
    used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("use of an invitation")
        verbose_name_plural = _("uses of invitations")
        constraints = [models.UniqueConstraint(fields=["invitation", "person"], name="invitation_use_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.used_at:%Y-%m-%d}"


class AccountReset(models.Model):
    """A new start for somebody who lost their phone or password (账号重置): who issued it, and why, is kept."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="resets")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    reason = models.CharField(_("reason"), max_length=500)
    issued_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(auto_now_add=True)
    valid_until = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("account reset")
        indexes = [models.Index(fields=["person", "-issued_at"], name="account_reset_newest")]

    def __str__(self) -> str:
        return f"{self.person} · {self.issued_at:%Y-%m-%d}"
