"""What ends calls and offers, whoever ends them: a dispatcher, the clock, an answer, or a step of the report."""

from datetime import datetime
from uuid import UUID

from grids.scope import Scope
from patrols.authority import lead_of
from patrols.history import event_of
from patrols.models import Call, Offer, Party, Report
from patrols.models.parties import PRESENT_STATES, PartyRole, PartyState
from patrols.offering import telling
from patrols.offering.table import STEPS, WORKING_STATES, CallState, OfferState
from patrols.workflow import FINAL_STATES, WAITING_STATES


def keep_in_step(report: Report, verb: str, before: str, now: datetime) -> None:
    """Bring the calls and offers of a report, whose row is held, in step with what was done with it.

    Somebody else deals with it, or nobody has to: who was asked is told so, and who had taken it on is free.
    """
    if verb in {"start", "handle"}:
        _step(report, "arrive" if verb == "start" else "done", now)
        return
    if before != report.state and verb != "accept":
        for call in Call.objects.select_for_update(no_key=True).filter(report=report, state=CallState.OPEN):
            end(call, CallState.WITHDRAWN, now)
            telling.over(call, report, withdraw_offers(call, now))
    if report.state in FINAL_STATES | WAITING_STATES or verb == "hand_over":
        free(report, now)


def free(report: Report, now: datetime) -> None:
    """Let go everybody who works at a report by an offer and is not its lead any more, and tell them."""
    lead = lead_of(report)
    working = Offer.objects.filter(report=report, state__in=WORKING_STATES).select_related("call")
    if lead and lead.person_id:
        working = working.exclude(person=lead.person_id)
    for offer in working:
        finish(offer, "release", now)
        telling.over(offer.call, report, [offer.person_id])


def finish(offer: Offer, verb: str, now: datetime) -> bool:
    """Take an offer to the end that a verb leads to, if it is where the verb begins; whether it was."""
    step = STEPS[verb]
    rows = Offer.objects.filter(pk=offer.pk, state__in=step.sources)
    if rows.update(state=step.target, ended_at=now) != 1:
        return False
    offer.state, offer.ended_at = step.target, now
    if verb == "release":
        helping = Party.objects.filter(report=offer.report_id, person=offer.person_id, role=PartyRole.RESPONSIBLE)
        helping.filter(state__in=PRESENT_STATES).update(state=PartyState.LEFT)
    return True


def _step(report: Report, verb: str, now: datetime) -> None:
    """Take the lead's offer along with the report; once it is handled, everybody's."""
    step, lead = STEPS[verb], lead_of(report)
    rows = Offer.objects.filter(report=report, state__in=step.sources)
    if verb == "arrive":
        rows.filter(person=lead.person_id if lead else None).update(state=step.target, arrived_at=now)
    else:
        rows.update(state=step.target, ended_at=now)


def held(identity: UUID) -> Report:
    """Return a report as it is now, its row held until the transaction ends."""
    Report.objects.select_for_update(no_key=True).filter(pk=identity).values("pk").get()
    return Report.objects.for_list().get(pk=identity)


def lapse(call: Call, now: datetime) -> None:
    """Let the offers of a call expire whose time is over."""
    over = Offer.objects.filter(call=call, state=OfferState.OFFERED, expires_at__lte=now)
    over.update(state=OfferState.EXPIRED, ended_at=now)


def end(call: Call, state: CallState, now: datetime) -> None:
    """End a call whose row is held."""
    call.state, call.ended_at = state, now
    call.save(update_fields=["state", "ended_at"])


def withdraw_offers(call: Call, now: datetime) -> list[int]:
    """Withdraw what still stands of a call, and return whom it was offered to."""
    standing = Offer.objects.filter(call=call, state=OfferState.OFFERED)
    people = list(standing.values_list("person_id", flat=True))
    standing.update(state=OfferState.WITHDRAWN, ended_at=now)
    return people


def say(report: Report, verb: str, scope: Scope, now: datetime, call: Call) -> None:
    """Write into the report's history what was done with a call; nothing of who answered what."""
    event_of(report, verb, report.state, scope, now, data={"call": str(call.pk)}).save(force_insert=True)


def forget_answers(before: datetime) -> int:
    """Delete the offers that were not taken on and ended before a moment, and return how many: nobody keeps a list."""
    refused = [OfferState.DECLINED, OfferState.EXPIRED, OfferState.WITHDRAWN]
    return Offer.objects.filter(state__in=refused, ended_at__lt=before).delete()[0]
