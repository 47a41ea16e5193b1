"""Invitations: a link that makes an account with a role, for so many people and until a day.

Who issued it must still be able to give the role when it is used: an invitation is no way around the end of a role.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import notify
from grids.links import hash_of, new_token
from grids.models import Invitation, InvitationUse, Membership, Notification, Person
from grids.problems import BadInput, Conflict, NotFound, Problem
from grids.reach import lies_within, managed, may_give
from grids.roles import Newcomer, Post, check_post, new_person, write_membership
from grids.scope import Scope, scope_of

LONGEST = timedelta(days=90)
MOST_USES = 200


class Gone(Problem):
    """The link was one and opens nothing any more."""

    status = 410


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation offers. `id` makes a repeated request the same; `days` is how long the link is valid."""

    id: UUID
    post: Post
    days: int
    uses: int = 1
    note: str = ""


def issue(scope: Scope, offer: Offer) -> tuple[Invitation, str]:
    """Make an invitation and return it with its token, which is not kept.

    Raises NotAllowed for a role beyond one's own, BadInput for what does not fit, Conflict for an id that is taken.
    """
    if not 1 <= offer.days <= LONGEST.days:
        raise BadInput(_("An invitation is valid for 1 to %(most)d days.") % {"most": LONGEST.days})
    if not 1 <= offer.uses <= MOST_USES:
        raise BadInput(_("An invitation is for 1 to %(most)d people.") % {"most": MOST_USES})
    region, team, body = check_post(scope, offer.post)
    if offer.post.last_day and offer.post.last_day < timezone.localdate():
        raise BadInput(_("The last day of the role lies in the past."))
    token = new_token()
    invitation = Invitation(
        id=offer.id,
        token_hash=hash_of(token),
        role=offer.post.role,
        region=region,
        team=team,
        organisation=body,
        role_until=offer.post.last_day,
        note=offer.note.strip()[:120],
        most_uses=offer.uses,
        valid_until=timezone.now() + timedelta(days=offer.days),
        issued_by=scope.person,
    )
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This invitation was made already; its link is shown once.")) from error
    return invitation, token


def invitations_of(scope: Scope) -> QuerySet[Invitation]:
    """Return the invitations into the regions that somebody looks after, newest first."""
    rows = Invitation.objects.filter(lies_within(managed(scope), "region__code"))
    return rows.select_related("region", "team", "organisation", "issued_by").order_by("-issued_at", "-pk")


def revoke(scope: Scope, identity: UUID) -> None:
    """End an invitation; who came by it stays. Raises NotFound, Conflict when it was revoked already."""
    if not invitations_of(scope).filter(pk=identity).exists():
        raise NotFound(_("There is no such invitation here."))
    open_ones = Invitation.objects.filter(pk=identity, revoked_at__isnull=True)
    if open_ones.update(revoked_at=timezone.now(), revoked_by=scope.person) != 1:
        raise Conflict(_("This invitation was revoked already."))


def find(token: str, *, lock: bool = False) -> Invitation:
    """Return the invitation of a link; raises NotFound or Gone with the reason in one sentence."""
    rows = Invitation.objects.select_related("region", "team", "organisation", "issued_by")
    if lock:
        rows = rows.select_for_update(of=("self",))
    digest = hash_of(token)
    invitation = rows.filter(token_hash=digest).first() if digest else None
    if invitation is None:
        raise NotFound(_("This invitation is not known here: check that the link is complete."))
    if invitation.revoked_at:
        raise Gone(_("This invitation was revoked: ask whoever gave it to you for a new one."))
    today = timezone.localdate()
    if invitation.valid_until <= timezone.now() or (invitation.role_until and invitation.role_until < today):
        raise Gone(_("This invitation is no longer valid: its time is over. Ask for a new one."))
    if invitation.uses.count() >= invitation.most_uses:
        raise Gone(_("This invitation was used already: ask for one of your own."))
    issuer = invitation.issued_by
    if not issuer.is_active or not may_give(scope_of(issuer), invitation.role, invitation.region.code):
        raise Gone(_("Whoever issued this invitation no longer gives out this role: ask for a new one."))
    return invitation


def join(token: str, newcomer: Newcomer, password: str) -> Person:
    """Make the account of somebody who was invited, with the role, and return it; raises Problem."""
    with transaction.atomic():
        invitation = find(token, lock=True)
        candidate = Person(username=newcomer.username, name=newcomer.name, name_en=newcomer.name_en)
        try:
            validate_password(password, candidate)
        except ValidationError as error:
            raise BadInput(" ".join(error.messages), field="password") from error
        person = new_person(newcomer, password)
        _use(invitation, person)
        return person


def accept(token: str, person: Person) -> Membership:
    """Give the invitation's role to somebody who has an account; raises Problem."""
    with transaction.atomic():
        return _use(find(token, lock=True), person)


def _use(invitation: Invitation, person: Person) -> Membership:
    post = Post(invitation.role, invitation.region.code, since=timezone.localdate(), last_day=invitation.role_until)
    held = Membership.objects.current().filter(person=person, role=post.role, region=invitation.region)
    if held.exists():
        raise Conflict(_("You have this role already."))
    membership = write_membership(person, post, invitation.region, invitation.team, invitation.organisation)
    InvitationUse.objects.create(invitation=invitation, person=person)
    notify(
        [
            Notification(
                person_id=invitation.issued_by_id,
                key=f"joined-{invitation.pk}-{person.pk}",
                verb="joined",
                subject=f"{person.name} · {invitation.region.name}",
                data={"role": invitation.role, "person": person.pk},
            )
        ]
    )
    return membership
