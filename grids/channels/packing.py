"""Parcels become a letter: the address is opened, what nobody needs any more is left out, the words are found."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import translation

from grids.channels import addresses, words
from grids.channels.letters import Answer, Item, Letter, Outcome
from grids.channels.registry import ROBOT
from grids.models import Address, GroupRobot, Notification, Parcel
from grids.models.outside import PUSH
from grids.sealed import Unreadable, unseal

Parcels = QuerySet[Parcel]
SETTINGS_PATH = "/me/notifications/"


@dataclass(frozen=True, slots=True)
class Packed:
    """A letter and the parcels that it carries."""

    letter: Letter
    parcels: list[Parcel]


def pack(parcels: list[Parcel]) -> tuple[Packed | Answer | None, list[Parcel]]:
    """Return the letter of parcels that travel together, or why it cannot be sent; and those not needed any more.

    Every parcel is in the letter, in the answer's fate or among those not needed.
    """
    first = parcels[0]
    if first.robot_id:
        return _for_group(GroupRobot.objects.get(pk=first.robot_id), parcels)
    prefetch_related_objects(parcels, "notification")
    address = _address_of(first)
    if address is None or not address.person.is_active or (address.confirmed_at is None and not _is_code(first)):
        return None, parcels
    needless = [row for row in parcels if row.notification is not None and row.notification.read_at is not None]
    wanted = [row for row in parcels if row not in needless]
    if not wanted:
        return None, parcels
    try:
        opened = unseal(address.sealed)
    except Unreadable:
        return Answer(Outcome.REFUSED, "unreadable"), needless
    language = language_of(address.person.language)
    with translation.override(language):
        items = tuple(_item(row, address) for row in wanted)
        title = words.title_of(items, digest=len(items) > 1)
    letter = Letter(
        id=identity(first.channel, [row.pk for row in wanted]),
        channel=first.channel,
        address=opened,
        items=items,
        title=title,
        language=language,
        made_at=first.created_at,
        settings_url="" if _is_code(first) else settings.BASE_URL + SETTINGS_PATH,
        person=first.person_id,
    )
    return Packed(letter, wanted), needless


def _address_of(parcel: Parcel) -> Address | None:
    rows = Address.objects.select_related("person").filter(person=parcel.person_id, channel=parcel.channel)
    # A browser that was removed, or is somebody else's by now, is nobody's.
    return rows.filter(pk=parcel.address_id or 0).first() if parcel.channel == PUSH else rows.first()


def _for_group(robot: GroupRobot, parcels: list[Parcel]) -> tuple[Packed | Answer | None, list[Parcel]]:
    if robot.ended_at:
        return None, parcels
    try:
        opened = unseal(robot.sealed)
    except Unreadable:
        return Answer(Outcome.REFUSED, "unreadable"), []
    language = settings.LANGUAGE_CODE
    with translation.override(language):
        items = tuple(
            words.item_of(Notification(**row.payload)) if row.payload else words.test_item() for row in parcels
        )
        title = words.title_of(items, digest=len(items) > 1)
    numbers = [row.pk for row in parcels]
    letter = Letter(identity(ROBOT, numbers), ROBOT, opened, items, title, language, parcels[0].created_at)
    return Packed(letter, parcels), []


def identity(channel: str, parcels: list[int]) -> str:
    """Return the id of a letter: the same for the same parcels, telling nothing of them."""
    text = f"{settings.SECRET_KEY} {channel} {','.join(map(str, parcels))}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def language_of(chosen: str) -> str:
    """Return the language that somebody is written to in."""
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _item(row: Parcel, address: Address) -> Item:
    if row.notification is not None:
        return words.item_of(row.notification)
    return words.code_item(addresses.code_of(address)) if _is_code(row) else words.test_item()


def _is_code(row: Parcel) -> bool:
    return bool(row.payload.get("what") == "code")
