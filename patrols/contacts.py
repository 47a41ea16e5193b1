"""How to reach who asked (联系方式): sealed in one table, shown to whoever deals with it, gone soon after the end.

Nothing of it stands anywhere else: it is in no list, event, notice, answer that is kept, search, export or backup.
"""

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import looks
from grids.models import LookLog
from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.problems import BadInput, NotFound
from grids.scope import Scope
from grids.sealed import Unreadable, seal, unseal
from patrols.models import Contact, Party, Report
from patrols.models.parties import BUSY_STATES, PartyRole
from patrols.workflow import FINAL_STATES

KEPT_OPEN = timedelta(days=180)  # however long a request stays open
KEPT_AFTER = timedelta(days=7)  # for a question after its end
LONGEST = {"name": 40, "phone": 30, "address": 120}
PHONE = re.compile(r"\+?[\d ()-]{5,30}")
# Mobile and identity numbers as they are written in China: for them there is this table, and no other text.
NUMBERS = re.compile(r"(?<!\d)(?:(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}|\d{17}[\dXx])(?![\dXx])")


@dataclass(frozen=True, slots=True)
class Details:
    """Name, phone and address in words of whoever asked."""

    name: str = ""
    phone: str = ""
    address: str = ""


def read_details(given: dict[str, Any]) -> Details:
    """Return the contact of a form or a body; raises BadInput for what reaches nobody."""
    texts = {name: str(given.get(name) or "").strip() for name in LONGEST}
    for name, most in LONGEST.items():
        if len(texts[name]) > most:
            sentence = _("The contact has a part that is too long: at most %(most)d characters.") % {"most": most}
            raise BadInput(sentence, field=name)
    if texts["phone"] and not PHONE.fullmatch(texts["phone"]):
        raise BadInput(_("The phone number has other characters than digits."), field="phone")
    if not texts["phone"] and not texts["address"]:
        raise BadInput(_("Say how to reach whoever asks: a phone number or an address."), field="phone")
    return Details(**texts)


def check_words(details: Details, *texts: str) -> None:
    """Raise BadInput where a text that many read holds what only the contact may hold."""
    secrets = [part for part in (details.phone, details.address) if len(part) > 4]
    for text in texts:
        if NUMBERS.search(text) or any(secret in text for secret in secrets):
            raise BadInput(
                _("Leave phone and identity numbers and the door out of place and description: many can read them."),
                field="description",
            )


def keep(report: Report, details: Details) -> None:
    """Seal the contact of a request, within the caller's transaction."""
    purge = timezone.localdate(report.recorded_at + KEPT_OPEN)
    sealed = seal(asdict(details))
    Contact.objects.create(report=report, district=report.district, sealed=sealed, purge_on=purge)


def follow(report: Report, before: str) -> None:
    """Move the purge date when a report ends or is opened again; one that is gone stays gone."""
    if report.kind != Kind.REQUEST or (before in FINAL_STATES) == (report.state in FINAL_STATES):
        return
    term = KEPT_AFTER if report.state in FINAL_STATES else KEPT_OPEN
    Contact.objects.filter(report=report).update(purge_on=timezone.localdate(timezone.now() + term))


def role_of(report: Report, scope: Scope) -> str | None:
    """Return as what somebody may read the contact, None for everybody else.

    The region's dispatchers, and while it is open whoever leads it or was asked to serve.
    """
    if report.kind != Kind.REQUEST or scope.person is None:
        return None
    if scope.reaches(Role.DISPATCHER, report.region_code):
        return Role.DISPATCHER
    if report.state in FINAL_STATES:
        return None
    for party in parties_of(report):
        if _takes_part(party, scope):
            return Role.STAFF if party.organisation_id else Role.VOLUNTEER
    return None


def parties_of(report: Report) -> list[Party]:
    """Return the present parties of a report with whoever they are, the lead first; kept on the report."""
    known: list[Party] | None = report.__dict__.get("present")
    if known is None:
        rows = Party.objects.present().filter(report=report).select_related("person", "team", "organisation")
        known = report.__dict__["present"] = list(rows.order_by("role", "pk"))
    return known


def _takes_part(party: Party, scope: Scope) -> bool:
    """Whether somebody leads, or serves as a person; a body that was only asked has not taken it yet."""
    if party.role == PartyRole.LEAD:
        return party.belongs_to(scope)
    return party.state in BUSY_STATES and party.person_id == scope.person_id


def kept_until(report: Report, scope: Scope, now: datetime) -> date | None:
    """Return until when the contact of a request is kept, for those who may look; None for others and once it is gone.

    No look at it, and no query for what is no request; kept on the report.
    """
    if role_of(report, scope) is None:
        return None
    if "contact_until" not in report.__dict__:
        rows = Contact.objects.filter(report=report, purge_on__gt=timezone.localdate(now))
        report.__dict__["contact_until"] = rows.values_list("purge_on", flat=True).first()
    known: date | None = report.__dict__["contact_until"]
    return known


def look(report: Report, scope: Scope, now: datetime) -> Details:
    """Return the contact and note who looked; raises NotFound for whom it is not for, and where it is gone."""
    role = role_of(report, scope)
    contact = Contact.objects.filter(report=report, purge_on__gt=timezone.localdate(now)).first() if role else None
    if role is None or contact is None:
        raise NotFound(_("There is no contact here, or it is not for you to see."))
    try:
        details = Details(**unseal(contact.sealed))
    except Unreadable as error:
        raise NotFound(_("The contact was sealed under a secret that this site no longer has.")) from error
    looks.note(scope.person_id, role, LookLog.What.CONTACT, [(None, report.pk)], now)
    return details


def looks_at(report: Report) -> "QuerySet[LookLog]":
    """Return who looked at the contact of a request, newest first."""
    rows = LookLog.objects.filter(owner=None, what=LookLog.What.CONTACT, about=report.pk)
    return rows.select_related("viewer").order_by("-at", "-pk")
