"""A new start for somebody who lost their phone or password: everything that opens the account is closed at once,
and a link of an hour lets its owner in again. Who issued it, and why, is kept and told to the owner.
"""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.channels import browsers, notify
from grids.invitations import Gone
from grids.links import hash_of, new_token
from grids.models import AccountReset, ApiToken, Device, Notification, Person
from grids.problems import BadInput, Conflict, NotFound
from grids.reach import check_power
from grids.scope import Scope

VALID = timedelta(hours=1)


def issue(scope: Scope, person: Person, reason: str) -> tuple[AccountReset, str]:
    """Close an account's every entrance and return the reset with the token of its link, which is not kept.

    The password, both kinds of second factor, sessions, notices in browsers, API tokens and trackers end now, so that
    whoever has the lost phone is out. Raises NotAllowed for oneself or somebody with more power, BadInput without a
    reason, Conflict for somebody who left or is shut out.
    """
    check_power(scope, person)
    assert scope.person is not None
    if not reason.strip() or len(reason) > 500:
        raise BadInput(_("Say why, in at most 500 characters: it is kept and told to %(name)s.") % {"name": person})
    token = new_token()
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        if locked.tombstoned_at or not locked.is_active:
            raise Conflict(_("%(name)s may not sign in.") % {"name": person})
        now = timezone.now()
        AccountReset.objects.filter(person=person, used_at=None, replaced_at=None).update(replaced_at=now)
        reset = AccountReset.objects.create(
            person=person,
            token_hash=hash_of(token),
            reason=reason.strip(),
            issued_by=scope.person,
            valid_until=now + VALID,
        )
        _close(locked)
        notify([_notice(reset)], urgent=True)
    return reset, token


def find(token: str, *, lock: bool = False) -> AccountReset:
    """Return the reset of a link; raises NotFound or Gone with the reason in one sentence."""
    rows = AccountReset.objects.select_related("person", "issued_by")
    if lock:
        rows = rows.select_for_update(of=("self",))
    digest = hash_of(token)
    reset = rows.filter(token_hash=digest).first() if digest else None
    if reset is None:
        raise NotFound(_("This link is not known here: check that it is complete."))
    if reset.used_at:
        raise Gone(_("This link was used already: sign in with the password that was chosen with it."))
    if reset.replaced_at:
        raise Gone(_("A newer link was issued: use that one."))
    if reset.valid_until <= timezone.now():
        raise Gone(_("This link is no longer valid: its hour is over. Ask for a new one."))
    if not reset.person.is_active:
        raise Gone(_("This account is closed."))
    return reset


def finish(token: str, password: str) -> Person:
    """Set the password that the owner chose, once, and return the person; raises Problem."""
    with transaction.atomic():
        reset = find(token, lock=True)
        try:
            validate_password(password, reset.person)
        except ValidationError as error:
            raise BadInput(" ".join(error.messages), field="password") from error
        reset.used_at = timezone.now()
        reset.save(update_fields=["used_at"])
        reset.person.set_password(password)
        reset.person.save(update_fields=["password"])
    return reset.person


def _close(person: Person) -> None:
    now = timezone.now()
    # A session is tied to the password's hash: with another hash every session is over, also those not listed.
    person.set_unusable_password()
    person.save(update_fields=["password"])
    UserSession.objects.filter(user=person).delete()
    browsers.remove_others(person, None)
    Authenticator.objects.filter(user=person).delete()
    ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=now)
    Device.objects.filter(person=person, revoked_at=None).update(revoked_at=now)


def _notice(reset: AccountReset) -> Notification:
    return Notification(
        person=reset.person,
        key=f"account-reset-{reset.pk}",
        verb="account_reset",
        subject=f"{reset.issued_by.name}: {reset.reason}"[:200],
        data={},
    )
