"""Answering: take it on, not now, there, done, give it back. Each is safe to repeat; of two who take it one wins.

Every verb holds the report's row first, then the call's; the database itself refuses two people in one place.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Person
from grids.models.people import Role
from grids.problems import Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.authority import lead_of
from patrols.models import Call, Offer, Party, Report
from patrols.models.parties import PartyRole, PartyState
from patrols.offering import telling
from patrols.offering.calling import go_on
from patrols.offering.ending import end, finish, held, lapse, withdraw_offers
from patrols.offering.table import HELD_STATES, STEPS, WORKING_STATES, CallState, OfferState
from patrols.requirements import check_holder
from patrols.transitions import Move, perform, transition
from patrols.workflow import FIXING_STATES, TRANSITIONS


@transaction.atomic
def accept(scope: Scope, identity: UUID) -> Offer:
    """Take a report on: it is dispatched to whoever does so first, and all the others are told once.

    Raises NotFound for what was offered to somebody else, Conflict when another was quicker, when it lapsed or is not
    needed any more, or when the person has as much in hand as anybody may be asked for.
    """
    person = _person(scope)
    Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values("pk").first()
    offer, call, report = _held(scope, identity)
    if offer.state in HELD_STATES:
        return offer
    now = timezone.now()
    _check_stands(offer, call, now)
    _check_not_tired(person, now)
    check_holder(report, person)
    taken = set(Offer.objects.filter(call=call, state__in=HELD_STATES).values_list("place", flat=True))
    offer.state, offer.accepted_at = OfferState.ACCEPTED, now
    offer.place = next(number for number in range(1, call.places + 1) if number not in taken)
    offer.save(update_fields=["state", "accepted_at", "place"])
    others: list[int] = []
    if len(taken) + 1 == call.places:
        end(call, CallState.FILLED, now)
        others = withdraw_offers(call, now)
    _send(report, scope, person, now)
    telling.taken(call, report, others)
    return offer


@transaction.atomic
def decline(scope: Scope, identity: UUID) -> Offer:
    """Say that one cannot go now, which counts against nobody and is told to nobody.

    When all of a wave have said so, the next is asked at once. Raises NotFound, Conflict for who has taken it on.
    """
    offer, call, report = _held(scope, identity)
    if offer.state == OfferState.DECLINED:
        return offer
    _check(offer, "decline")
    now = timezone.now()
    finish(offer, "decline", now)
    waiting = Offer.objects.filter(call=call, wave=call.wave, state=OfferState.OFFERED, expires_at__gt=now)
    if call.state == CallState.OPEN and not waiting.exists():
        lapse(call, now)
        go_on(call, report, now)
    return offer


@transaction.atomic
def arrive(scope: Scope, identity: UUID) -> Offer:
    """Say that one is on the spot: whoever leads the report begins to deal with it. Raises NotFound, Conflict."""
    offer, _call, report = _held(scope, identity)
    if offer.state == OfferState.ARRIVED:
        return offer
    _check(offer, "arrive")
    now = timezone.now()
    if _leads(report, scope) and report.state in TRANSITIONS["start"].sources:
        transition(report.pk, "start", scope)
    Offer.objects.filter(pk=offer.pk).update(state=OfferState.ARRIVED, arrived_at=now)
    offer.state, offer.arrived_at = OfferState.ARRIVED, now
    return offer


@transaction.atomic
def finish_work(scope: Scope, identity: UUID) -> Offer:
    """Say that it is done: of the report, if one leads it, else of one's own part. Raises NotFound, Conflict."""
    offer, _call, report = _held(scope, identity)
    if offer.state == OfferState.DONE:
        return offer
    _check(offer, "done")
    now = timezone.now()
    if _leads(report, scope):
        if report.state in TRANSITIONS["start"].sources:
            transition(report.pk, "start", scope)
        transition(report.pk, "handle", scope)
    else:
        Party.objects.filter(report=report, person=offer.person_id, role=PartyRole.RESPONSIBLE).update(
            state=PartyState.DONE
        )
    finish(offer, "done", now)
    offer.state, offer.ended_at = OfferState.DONE, now
    return offer


@transaction.atomic
def release(scope: Scope, identity: UUID) -> Offer:
    """Give back what one has taken on: the call goes on with whom it has not asked yet, or else the dispatchers do.

    Raises NotFound, Conflict for what is done.
    """
    offer, call, report = _held(scope, identity)
    if offer.state == OfferState.RELEASED:
        return offer
    _check(offer, "release")
    now, leads = timezone.now(), _leads(report, scope)
    finish(offer, "release", now)
    if leads:
        _pass_on(report, scope, offer)
    if call.state == CallState.FILLED and report.state not in FIXING_STATES:
        call.state, call.ended_at = CallState.OPEN, None
        call.save(update_fields=["state", "ended_at"])
        go_on(call, report, now, told=True)
    return offer


@transaction.atomic
def withdraw(scope: Scope, identity: UUID) -> Offer:
    """Take back what a dispatcher of the region has somebody asked. Raises NotFound, NotAllowed, Conflict."""
    offer, call, report = _held(scope, identity, own=False)
    if not scope.reaches(Role.DISPATCHER, report.region_code):
        raise NotAllowed(_("Who is asked is for the dispatchers of the region."))
    if offer.state == OfferState.WITHDRAWN:
        return offer
    _check(offer, "withdraw")
    now = timezone.now()
    finish(offer, "withdraw", now)
    telling.over(call, report, [offer.person_id])
    if call.state == CallState.OPEN and not Offer.objects.filter(call=call, state=OfferState.OFFERED).exists():
        go_on(call, report, now)
    return offer


def _held(scope: Scope, identity: UUID, *, own: bool = True) -> tuple[Offer, Call, Report]:
    """Return an offer with its call and report, their rows held; raises NotFound for another's, or out of scope."""
    rows = Offer.objects.filter(pk=identity)
    if own:
        rows = rows.filter(person=_person(scope))
    else:
        rows = rows.filter(report__in=Report.objects.visible_to(scope).values("pk"))
    found = rows.values("report", "call").first()
    if found is None:
        raise NotFound(_("There is no such offer here."))
    report = held(found["report"])
    call = Call.objects.select_for_update(no_key=True).get(pk=found["call"])
    return Offer.objects.get(pk=identity), call, report


def _send(report: Report, scope: Scope, person: Person, now: datetime) -> None:
    """Dispatch a report to who has taken it on; who comes after the first helps them."""
    if report.state in TRANSITIONS["dispatch"].sources:
        perform(TRANSITIONS["dispatch"], report, scope, Move(holder=person))
        return
    if report.state not in FIXING_STATES:
        raise Conflict(_("This is not needed any more."), state=report.state)
    Party.objects.create(report=report, district=report.district, person=person, role=PartyRole.RESPONSIBLE, since=now)


def _pass_on(report: Report, scope: Scope, offer: Offer) -> None:
    """Let the next who works at it lead what its lead gives back; without one it waits for somebody again."""
    next_one = (
        Offer.objects.filter(report=report, call=offer.call_id, state__in=WORKING_STATES)
        .select_related("person")
        .order_by("accepted_at")
        .first()
    )
    if next_one is None:
        perform(TRANSITIONS["give_back"], report, scope, Move())
        return
    perform(TRANSITIONS["hand_over"], report, scope, Move(holder=next_one.person))
    Party.objects.filter(report=report, person=next_one.person_id, role=PartyRole.RESPONSIBLE).update(
        state=PartyState.LEFT
    )


def _check_stands(offer: Offer, call: Call, now: datetime) -> None:
    if offer.state == OfferState.WITHDRAWN and call.state == CallState.FILLED:
        raise Conflict(_("Somebody else has taken it."), state=offer.state)
    if offer.state == OfferState.EXPIRED or (offer.state == OfferState.OFFERED and offer.expires_at <= now):
        raise Conflict(_("This offer has lapsed."), state=OfferState.EXPIRED)
    if offer.state != OfferState.OFFERED or call.state != CallState.OPEN:
        raise Conflict(_("This is not needed any more."), state=offer.state)


def _check(offer: Offer, verb: str) -> None:
    step = STEPS[verb]
    if offer.state not in step.sources:
        raise Conflict(
            _("The offer is “%(state)s” by now; “%(verb)s” is not possible.")
            % {"state": offer.get_state_display(), "verb": step.label},
            state=offer.state,
        )


def _check_not_tired(person: Person, now: datetime) -> None:
    own = Offer.objects.filter(person=person)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = own.filter(offered_at__gte=midnight - timedelta(days=1), accepted_at__gte=midnight)
    if own.filter(state__in=WORKING_STATES).count() >= settings.OFFERS_AT_ONCE:
        raise Conflict(_("You have enough in hand: finish something first, or give it back."))
    if today.count() >= settings.OFFERS_A_DAY:
        raise Conflict(_("You have taken on as much today as anybody is asked for. Thank you."))


def _leads(report: Report, scope: Scope) -> bool:
    lead = lead_of(report)
    return lead is not None and lead.person_id == scope.person_id


def _person(scope: Scope) -> Person:
    if scope.person is None:
        raise NotFound(_("There is no such offer here."))
    return scope.person
