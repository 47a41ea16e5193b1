"""A resident takes back what they brought through a link, as long as nobody has begun (居民撤回)."""

import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models.catalogue import Kind
from grids.problems import Conflict, NotAllowed, NotFound
from grids.scope import NOBODY
from grids.sealed import Unreadable, unseal
from patrols.models import Contact, Party, Report
from patrols.models.parties import PartyState
from patrols.models.reports import Source
from patrols.offering.ending import keep_in_step
from patrols.queries import ReportQuerySet
from patrols.transitions import Move, perform
from patrols.workflow import TRANSITIONS

VERB = "withdraw_request"
SEPARATORS = re.compile(r"[\s()-]+")


def brought(district: str, number: str) -> ReportQuerySet:
    """Return the request with a public number, if it came through a link."""
    rows = Report.objects.filter(district=district, public_number=number.upper(), kind=Kind.REQUEST)
    return rows.filter(source=Source.RESIDENT, reporter__isnull=True)


def can(report: Report) -> bool:
    """Whether a request can still be taken back: nobody has begun, others did not ask for it too, and it can be proved.

    One query where its state allows it.
    """
    if report.state not in TRANSITIONS[VERB].sources or report.further:
        return False
    begun = Party.objects.filter(report=report, state__in=[PartyState.WORKING, PartyState.DONE])
    return Contact.objects.filter(report=report, purge_on__gt=timezone.localdate()).exists() and not begun.exists()


def withdraw(district: str, number: str, proof: str) -> Report:
    """Take a request back for whoever says the phone number or the door that was given with it.

    The public number alone is not enough: whoever deals with the request reads it too. The contact is deleted at once,
    since nobody has to be reached any more. Raises NotFound, Conflict once somebody has begun, NotAllowed for another
    proof.
    """
    with transaction.atomic():
        report = brought(district, number).for_list().first()
        if report is None:
            raise NotFound(_("There is no request with this number: check that it is complete."))
        # Held, so that nobody begins a part of it meanwhile.
        Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
        report = brought(district, number).for_list().get()
        if not can(report):
            raise Conflict(_("It cannot be withdrawn here any more: call your community."))
        if not _proves(proof, report):
            raise NotAllowed(_("This is neither the phone number nor the door that was given with the request."))
        before = report.state
        perform(TRANSITIONS[VERB], report, NOBODY, Move())
        keep_in_step(report, VERB, before, report.changed_at)
        Contact.objects.filter(report=report).delete()
    return report


def _proves(proof: str, report: Report) -> bool:
    try:
        known = unseal(Contact.objects.get(report=report).sealed)
    except Unreadable:
        return False
    given = _plain(proof)
    return bool(given) and given in {_plain(known["phone"]), _plain(known["address"])}


def _plain(text: str) -> str:
    """Return a number or a door as it is compared: without what separates it, and a number without its country."""
    plain = SEPARATORS.sub("", text).casefold()
    return re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", plain)
