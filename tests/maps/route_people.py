"""What the pages about people speak of, and who is answered what by them."""

from datetime import timedelta

from django.utils import timezone

from grids.links import hash_of
from grids.models import AccountReset, Invitation, Membership, Region
from patrols.models import Handover
from tests.maps.route_cast import PEOPLE, Cast
from tests.maps.route_table import TO_SIGN_IN, Row, everybody, only, several, signed_in
from tests.town import DISTRICT, NEAR

MANAGE_NEAR = {"paula", "adam"}
MANAGERS = MANAGE_NEAR | {"petra"}
FAR_PEOPLE = {"charlie", "olaf", "petra"}


def add_links(cast: Cast) -> None:
    """Write an invitation, a new start and a planned handover from Alice to Bob."""
    town = cast.town
    for name in PEOPLE:
        # The phone is there for those who look after somebody; nobody looks after who never had a role.
        looks_after = MANAGERS if name in FAR_PEOPLE else MANAGE_NEAR
        cast.readers[f"secret-{name}"] = {name} if name == "norah" else {name} | looks_after
    cast.addresses["bob"] = str(town.bob.pk)
    cast.addresses["bobs-role"] = str(Membership.objects.get(person=town.bob).pk)
    cast.addresses["grid-one"] = str(town.grids[1].pk)
    cast.addresses["join"], cast.addresses["reset"] = "J" * 43, "R" * 43
    invitation = Invitation.objects.create(
        token_hash=hash_of("J" * 43),
        role="inspector",
        region=Region.objects.get(code=NEAR),
        valid_until=timezone.now() + timedelta(days=1),
        most_uses=99,
        issued_by=town.paula,
    )
    AccountReset.objects.create(
        person=town.olaf,
        token_hash=hash_of("R" * 43),
        reason="mark-reset-reason",
        issued_by=town.paula,
        valid_until=timezone.now() + timedelta(hours=1),
    )
    handover = Handover.objects.create(
        district=DISTRICT,
        codes=[DISTRICT],
        person=town.alice,
        successor=town.bob,
        day=timezone.localdate() + timedelta(days=9),
        kinds=["grids"],
        reason="mark-handover-reason",
        planned_by=town.paula,
    )
    cast.addresses["invitation"], cast.addresses["handover"] = str(invitation.pk), str(handover.pk)
    cast.readers["mark-reset-reason"] = MANAGERS
    cast.readers["mark-handover-reason"] = MANAGE_NEAR | {"alice", "bob"}
    cast.sets["handover"] = ["mark-handover-reason"]


def _people() -> list[Row]:
    manages, near = only(MANAGERS, 200, visitor=TO_SIGN_IN), only(MANAGE_NEAR, 200, visitor=TO_SIGN_IN)
    lacks, near_lacks = only(MANAGERS, 422, visitor=TO_SIGN_IN), only(MANAGE_NEAR, 422, visitor=TO_SIGN_IN)
    done = only(MANAGE_NEAR, 302, visitor=TO_SIGN_IN)
    person, roles = "people/<int:identity>/", "people/<int:identity>/roles/"
    place, handover = "people/vacancies/<slug:kind>/<int:identity>/", "people/handovers/<uuid:identity>/"
    invitations = "people/invitations/"
    both = only(MANAGE_NEAR | {"alice", "bob"}, 200, visitor=TO_SIGN_IN)
    return [
        Row("people/", "/people/", manages),
        Row("people/new/", "/people/new/", manages),
        Row("people/new/", "/people/new/", lacks, method="POST"),
        Row(person, "/people/{bob}/", near),
        Row(f"{person}edit/", "/people/{bob}/edit/", near_lacks, method="POST"),
        Row(roles, "/people/{bob}/roles/", near_lacks, method="POST"),
        Row(f"{roles}<int:membership>/end/", "/people/{bob}/roles/{bobs-role}/end/", near_lacks, method="POST"),
        Row(f"{person}active/", "/people/{bob}/active/", near_lacks, method="POST"),
        Row(f"{person}reset/", "/people/{bob}/reset/", near),
        Row(f"{person}reset/", "/people/{bob}/reset/", near_lacks, method="POST"),
        Row(f"{person}handover/", "/people/{bob}/handover/", near),
        Row(f"{person}handover/", "/people/{bob}/handover/", near_lacks, method="POST"),
        Row("people/vacancies/", "/people/vacancies/", manages),
        Row(place, "/people/vacancies/grid/{grid-one}/", near),
        Row(place, "/people/vacancies/grid/{grid-one}/", near_lacks, method="POST"),
        Row(invitations, "/people/invitations/", manages),
        Row(f"{invitations}new/", "/people/invitations/new/", manages),
        Row(f"{invitations}new/", "/people/invitations/new/", lacks, method="POST"),
        Row(f"{invitations}<uuid:identity>/revoke/", "/people/invitations/{invitation}/revoke/", done, method="POST"),
        Row("people/handovers/", "/people/handovers/", manages, shows=("handover",)),
        Row(handover, "/people/handovers/{handover}/", both, shows=("handover",)),
        Row(f"{handover}undo/", "/people/handovers/{handover}/undo/", done, method="POST"),
    ]


def _links() -> list[Row]:
    # A link opens to whoever has it. Who is signed in takes the role; Ines has it already.
    joins = several(422, 302, ({"ines"}, 409))
    return [
        Row("join/<slug:token>/", "/join/{join}/", everybody(200)),
        Row("join/<slug:token>/", "/join/{join}/", joins, method="POST"),
        Row("reset/<slug:token>/", "/reset/{reset}/", everybody(200)),
        Row("reset/<slug:token>/", "/reset/{reset}/", everybody(422), method="POST"),
    ]


def _account() -> list[Row]:
    own, done = signed_in(200, visitor=TO_SIGN_IN), signed_in(302, visitor=TO_SIGN_IN)
    none_yet = signed_in(404, visitor=TO_SIGN_IN)
    # Nobody in the cast has a second factor, and setting one up asks for the password first.
    factor = {
        "": done,
        "authenticate/": done,
        "reauthenticate/": done,
        "totp/activate/": done,
        "totp/deactivate/": none_yet,
        "codes/": none_yet,
        "codes/new/": done,
        "codes/download/": none_yet,
        "keys/": own,
        "keys/add/": done,
        "keys/confirm/": done,
    }
    keys = "accounts/mfa/keys/<int:pk>/"
    rows = [
        Row("account/", "/account/", own),
        Row("account/profile/", "/account/profile/", done, method="POST"),
        Row("account/quiet/", "/account/quiet/", done, method="POST"),
        Row("account/devices/", "/account/devices/", done, method="POST"),
        *(Row(f"accounts/mfa/{name}", f"/accounts/mfa/{name}", expect) for name, expect in factor.items()),
        Row(f"{keys}remove/", "/accounts/mfa/keys/1/remove/", done),
        Row(f"{keys}name/", "/accounts/mfa/keys/1/name/", done),
    ]
    for name in PEOPLE:
        own_one = only((name,), 302, visitor=TO_SIGN_IN)
        mark = f"/inbox/{{message-{name}}}/mark/"
        rows.append(Row("inbox/<int:identity>/mark/", mark, own_one, method="POST", body={"read": "1"}))
    return rows


PEOPLE_PAGES = (*_people(), *_links(), *_account())
