"""Asking: a call is opened by a dispatcher, goes from wave to wave by the clock, and ends.

Whatever changes a call or its offers holds the report's row first, then the call's: so do the verbs of the report,
which come here by `patrols.offering.following`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grids import clock
from grids.models import Membership, Team
from grids.models.catalogue import Acts
from grids.models.people import Role
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import NOBODY, Scope
from patrols.models import Call, Offer, Report
from patrols.models.offers import CallKind
from patrols.offering import telling
from patrols.offering.ending import end, held, lapse, say, withdraw_offers
from patrols.offering.finding import askable, find, left_out
from patrols.offering.table import CallState, OfferState
from patrols.requirements import check_holder
from patrols.routing.proposing import needs_approval
from patrols.transitions import Move, transition
from patrols.workflow import TRANSITIONS, State

log = logging.getLogger(__name__)
WAVES = (1, 3, 8)
WAVE_MINUTES = 5
STANDS_MINUTES = 15
TO_ACCEPT = frozenset({State.REPORTED, State.REOPENED})
BATCH = 200
ASKED, WIDENED, UNANSWERED, WITHDRAWN = "call", "call_widened", "call_unanswered", "call_withdrawn"


@dataclass(frozen=True, slots=True)
class Policy:
    """How to ask: chosen `people`, a `team`, or else wave after wave of whoever fits best; in minutes and numbers."""

    people: tuple[int, ...] = ()
    team: int | None = None
    waves: tuple[int, ...] = WAVES
    wave_minutes: int = WAVE_MINUTES
    stands_minutes: int = STANDS_MINUTES
    places: int = 1

    @property
    def kind(self) -> CallKind:
        """Whom it goes to."""
        return CallKind.PEOPLE if self.people else CallKind.TEAM if self.team else CallKind.WAVES


@transaction.atomic
def open_call(identity: UUID, scope: Scope, policy: Policy) -> Call:
    """Ask volunteers to deal with a report and return the call; a report that waits to be accepted is accepted.

    Raises NotFound out of scope, NotAllowed for who does not dispatch there, Conflict when somebody is asked already
    or the report is not to be dispatched, BadInput when nobody may or can be asked.
    """
    report = dispatched_by(identity, scope)
    if report.category.acts != Acts.VOLUNTEER:
        raise BadInput(_("“%(name)s” may only be dealt with by a body with powers.") % {"name": report.category})
    if report.state in TO_ACCEPT:
        report = transition(report.pk, "accept", scope, Move(by_hand=True))
    if report.state not in TRANSITIONS["dispatch"].sources:
        raise Conflict(
            _("The report is “%(state)s” by now; nobody can be asked.") % {"state": report.get_state_display()},
            state=report.state,
        )
    if needs_approval(report):
        raise NotAllowed(_("By its rule this is discussed before it goes out: ask for approval instead."))
    if Call.objects.filter(report=report, state=CallState.OPEN).exists():
        raise Conflict(_("Volunteers are being asked already."))
    now = timezone.now()
    assert scope.person is not None
    call = Call.objects.create(
        district=report.district,
        report=report,
        kind=policy.kind,
        team_id=policy.team,
        waves=list(policy.waves) if policy.kind == CallKind.WAVES else [],
        wave_minutes=policy.wave_minutes,
        stands_minutes=policy.stands_minutes,
        places=policy.places,
        asked_by=scope.person,
        opened_at=now,
        next_at=now,
    )
    people = _chosen(report, policy, now) if policy.kind != CallKind.WAVES else _next_wave(call, report, now)
    if not people:
        raise BadInput(_nobody(report, now))
    ask(call, report, people, now)
    say(report, ASKED, scope, now, call)
    return call


@transaction.atomic
def withdraw_call(identity: UUID, scope: Scope) -> Call:
    """Ask nobody any more. Raises NotFound, NotAllowed, Conflict when nobody is being asked."""
    report = dispatched_by(identity, scope)
    call = Call.objects.select_for_update(no_key=True).filter(report=report, state=CallState.OPEN).first()
    if call is None:
        raise Conflict(_("Nobody is being asked just now."))
    now = timezone.now()
    end(call, CallState.WITHDRAWN, now)
    telling.over(call, report, withdraw_offers(call, now))
    say(report, WITHDRAWN, scope, now, call)
    return call


def dispatched_by(identity: UUID, scope: Scope) -> Report:
    """Return a report, its row held, that somebody dispatches; raises NotFound, NotAllowed."""
    report = Report.objects.visible_to(scope).filter(pk=identity).first()
    if report is None:
        raise NotFound(_("There is no such report here."))
    if not scope.reaches(Role.DISPATCHER, report.region_code):
        raise NotAllowed(_("Who is asked is for the dispatchers of the region."))
    return held(report.pk)


def ask(call: Call, report: Report, people: Sequence[int], now: datetime) -> None:
    """Write the offers of the next wave, tell those people, and set when the clock looks again."""
    call.wave += 1
    expires = now + timedelta(minutes=call.stands_minutes)
    offers = [
        Offer(
            district=call.district,
            call=call,
            report=report,
            person_id=person,
            wave=call.wave,
            offered_at=now,
            expires_at=expires,
        )
        for person in people
    ]
    Offer.objects.bulk_create(offers)
    more = call.kind == CallKind.WAVES and call.wave < len(call.waves)
    call.next_at = now + timedelta(minutes=call.wave_minutes) if more else expires
    call.save(update_fields=["wave", "next_at"])
    telling.asked(call, report, people)


def go_on(call: Call, report: Report, now: datetime, *, told: bool = False) -> None:
    """Ask the next wave of an open call whose row is held, or wait for those still asked, or give up and say so.

    `told`: the dispatchers know already that somebody is needed.
    """
    people = _next_wave(call, report, now) if call.kind == CallKind.WAVES else []
    if people:
        ask(call, report, people, now)
        say(report, WIDENED, NOBODY, now, call)
        return
    standing = Offer.objects.filter(call=call, state=OfferState.OFFERED).order_by("expires_at")
    last = standing.values_list("expires_at", flat=True).last()
    if last is not None:
        Call.objects.filter(pk=call.pk).update(wave=max(call.wave, len(call.waves)), next_at=last)
        return
    end(call, CallState.UNANSWERED, now)
    say(report, UNANSWERED, NOBODY, now, call)
    if not told:
        telling.unanswered(call, report)


def turn() -> int:
    """Go on with every call whose time has come, and return how many that were; again, it does no harm."""
    now = timezone.now()
    due = Call.objects.filter(state=CallState.OPEN, next_at__lte=now).order_by("next_at")
    # In the order of the reports' ids, as everybody who holds several of them does.
    chosen = sorted(due.values_list("report", "pk")[:BATCH])
    for report, call in chosen:
        try:
            with transaction.atomic():
                _turn(report, call, now)
        except Exception:
            log.exception("the call %s could not go on", call)
    return len(chosen)


@clock.task("offers", timedelta(seconds=30))
def tick() -> None:
    """Go on with the calls, every half minute."""
    turn()


def _turn(identity: UUID, call_id: UUID, now: datetime) -> None:
    report = held(identity)
    call = Call.objects.select_for_update(no_key=True).get(pk=call_id)
    if call.state != CallState.OPEN or call.next_at > now:
        return
    lapse(call, now)
    go_on(call, report, now)


def _next_wave(call: Call, report: Report, now: datetime) -> list[int]:
    if call.wave >= len(call.waves):
        return []
    return [one.person for one in find(report, now)[: call.waves[call.wave]]]


def _chosen(report: Report, policy: Policy, now: datetime) -> list[int]:
    people = list(dict.fromkeys(policy.people))
    if policy.team is not None:
        team = Team.objects.select_related("region").filter(pk=policy.team).first()
        if team is None:
            raise BadInput(_("There is no such team here."))
        check_holder(report, team)
        members = Membership.objects.current().filter(team=team).order_by("person")
        people = list(members.values_list("person_id", flat=True).distinct())
    return askable(report, people, now)


def _nobody(report: Report, now: datetime) -> str:
    counts = left_out(report, now)
    reasons = [
        ngettext("%(count)d is not available now", "%(count)d are not available now", counts["free"])
        % {"count": counts["free"]},
        ngettext("%(count)d lacks a skill", "%(count)d lack a skill", counts["skills"]) % {"count": counts["skills"]},
    ]
    said = [text for text, name in zip(reasons, ("free", "skills"), strict=True) if counts[name]]
    nobody = _("There is nobody to ask just now")
    return f"{nobody} ({', '.join(said)})." if said else f"{nobody}."
