"""Parts of a report that others do beside its lead: a member who serves a request, the bodies of a task.

Each has a state of its own, and reports its own part; whoever leads reports the whole.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.holders import Holder
from grids.models import Assignment, Organisation, Person
from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope
from patrols.authority import lead_of
from patrols.contacts import parties_of
from patrols.history import event_of, holder_field, promise_notice
from patrols.models import Party, Report
from patrols.models.parties import BUSY_STATES, PartyRole, PartyState
from patrols.requirements import check_holder
from patrols.workflow import FINAL_STATES

ASK, BEGUN, DONE, LEFT = "ask", "part_begun", "part_done", "part_left"
VERBS = {
    ASK: gettext_lazy("Asked to take part"),
    BEGUN: gettext_lazy("Began its part"),
    DONE: gettext_lazy("Reported its part done"),
    LEFT: gettext_lazy("No longer takes part"),
}
VERB_OF = {PartyState.WORKING: BEGUN, PartyState.DONE: DONE, PartyState.LEFT: LEFT}
MOST_ASKABLE = 60
FROM = {
    PartyState.WORKING: (PartyState.ASKED,),
    PartyState.DONE: BUSY_STATES,
    PartyState.LEFT: BUSY_STATES,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part as somebody sees it, with what they may report of it."""

    party: Party
    may: tuple[str, ...]


def parts_of(report: Report, scope: Scope) -> list[Part]:
    """Return the parts of a report beside the lead's; none of a problem, which costs no query."""
    if report.kind == Kind.PROBLEM:
        return []
    return [Part(party, _may(report, party, scope)) for party in _beside(report)]


def may_ask(report: Report, scope: Scope) -> bool:
    """Whether somebody may bring in another: who leads a request or task, or the region's dispatchers."""
    if report.kind == Kind.PROBLEM or report.state in FINAL_STATES or lead_of(report) is None:
        return False
    return _directs(report, scope)


def ask(identity: UUID, holder: Holder, scope: Scope) -> Report:
    """Ask a person to serve a request, or a body to do a part of a task, and return the report.

    Raises NotFound, NotAllowed, BadInput for whom it cannot be, Conflict for who takes part already.
    """
    with transaction.atomic():
        report = _held(identity, scope)
        if not may_ask(report, scope):
            raise NotAllowed(_("Who takes part is said by whoever leads it."))
        if not isinstance(holder, Person if report.kind == Kind.REQUEST else Organisation):
            raise BadInput(_("A request is served by a person; a task is shared among bodies."))
        check_holder(report, holder)
        if any(party.holder == holder for party in parties_of(report)):
            raise Conflict(_("%(name)s takes part already.") % {"name": holder})
        now = timezone.now()
        party = Party(report=report, district=report.district, role=PartyRole.RESPONSIBLE, since=now)
        setattr(party, holder_field(holder), holder)
        party.save(force_insert=True)
        _record(report, ASK, scope, holder=holder)
    return report


def say(identity: UUID, party_id: int, state: str, scope: Scope, reason: str = "") -> Report:
    """Report that a part has begun, is done, or is left, and return the report.

    Raises NotFound, NotAllowed for another's part, BadInput for leaving without a reason or for the last body of a
    task, Conflict where the part stands elsewhere by now.
    """
    with transaction.atomic():
        report = _held(identity, scope)
        part = next((one for one in parts_of(report, scope) if one.party.pk == party_id), None)
        if part is None:
            raise NotFound(_("There is no such part here."))
        if state not in VERB_OF:
            raise BadInput(_("A part can be begun, done or left."))
        if state not in part.may:
            if part.party.state not in FROM[PartyState(state)] or report.state in FINAL_STATES:
                raise Conflict(_("This part is “%(state)s” by now.") % {"state": part.party.get_state_display()})
            raise NotAllowed(_("This part is not yours to report."))
        if state == PartyState.LEFT:
            _check_leaving(report, part.party, reason, scope)
        _move(part.party, PartyState(state))
        _record(report, VERB_OF[PartyState(state)], scope, reason=reason.strip(), of=part.party)
    return report


def askable(report: Report, scope: Scope) -> list[Holder]:
    """Return whom to ask: of a request who answers for its grid, of a task the bodies of the place.

    Raises NotAllowed for who says nothing about that.
    """
    if not may_ask(report, scope):
        raise NotAllowed(_("Who takes part is said by whoever leads it."))
    there = [party.holder for party in parties_of(report)]
    found: list[Holder]
    if report.kind == Kind.REQUEST:
        rows = Assignment.objects.current().filter(grid=report.grid_id, person__isnull=False, person__is_active=True)
        found = [row.person for row in rows.select_related("person").order_by("role", "pk") if row.person]
    else:
        bodies = Organisation.objects.on(timezone.localdate()).filter(jurisdiction__covers=report.anchor)
        found = list(bodies.defer("jurisdiction").order_by("code"))
    return [holder for holder in dict.fromkeys(found) if holder not in there][:MOST_ASKABLE]


def not_done(report: Report) -> list[Party]:
    """Return the parts that are still to be done, for whoever reports the whole; of a problem there are none."""
    if report.kind == Kind.PROBLEM:
        return []
    return [party for party in _beside(report) if party.state in BUSY_STATES]


def finish(report: Report) -> None:
    """Call the parts of a request done when whoever took it says that it is, within the caller's transaction."""
    Party.objects.filter(pk__in=[party.pk for party in not_done(report)]).update(state=PartyState.DONE)
    report.__dict__.pop("present", None)


def let_go(report: Report) -> list[Holder]:
    """Let everybody go whose part of a report is not done and will not be, and return them.

    Within the transaction of the step that ends it without anybody having done it.
    """
    rows = Party.objects.busy().filter(report=report).select_related("person", "team", "organisation")
    freed = list(rows.defer("organisation__jurisdiction").order_by("role", "pk"))
    if freed:
        Party.objects.filter(pk__in=[party.pk for party in freed]).update(state=PartyState.LEFT)
        report.__dict__.pop("present", None)
        report.__dict__["leads"] = []
    return [party.holder for party in freed]


def _held(identity: UUID, scope: Scope) -> Report:
    """Return a report, its row held: nobody is asked twice, and of a task's two last bodies not both can leave."""
    Report.objects.select_for_update(no_key=True).filter(pk=identity).values("pk").first()
    report = Report.objects.visible_to(scope).for_list().filter(pk=identity).first()
    if report is None:
        raise NotFound(_("There is no such report here."))
    return report


def _beside(report: Report) -> list[Party]:
    rows = (party for party in parties_of(report) if party.role == PartyRole.RESPONSIBLE)
    return [party for party in rows if not _only_asked(report, party)]


def _directs(report: Report, scope: Scope) -> bool:
    lead = lead_of(report)
    return bool(lead and lead.belongs_to(scope)) or scope.reaches(Role.DISPATCHER, report.region_code)


def _only_asked(report: Report, party: Party) -> bool:
    """Whether a body was asked to take a request, which is no part of it yet."""
    return report.kind == Kind.REQUEST and party.organisation_id is not None


def _may(report: Report, party: Party, scope: Scope) -> tuple[str, ...]:
    if report.state in FINAL_STATES:
        return ()
    found = [state for state in FROM if party.state in FROM[state]]
    if party.belongs_to(scope):
        return tuple(found)
    return (PartyState.LEFT,) if _directs(report, scope) and PartyState.LEFT in found else ()


def _check_leaving(report: Report, party: Party, reason: str, scope: Scope) -> None:
    if not reason.strip():
        raise BadInput(_("Say why, in a few words."))
    others = [one for one in parties_of(report) if one.role == PartyRole.RESPONSIBLE and one.pk != party.pk]
    if report.kind == Kind.TASK and not others:
        raise BadInput(_("A task keeps at least one responsible body: ask another first."))


def _move(party: Party, state: PartyState) -> None:
    if Party.objects.filter(pk=party.pk, state=party.state).update(state=state) != 1:
        raise Conflict(_("Somebody else changed this part just now."))
    party.state = state


def _record(
    report: Report,
    verb: str,
    scope: Scope,
    *,
    holder: Holder | None = None,
    reason: str = "",
    of: Party | None = None,
) -> None:
    """Write the event and promise to tell: whom it asks, or whoever leads."""
    now, lead = timezone.now(), lead_of(report)
    named = holder or (of.holder if of else None)
    event = event_of(report, verb, report.state, scope, now, holder=named, reason=reason)
    event.save(force_insert=True)
    report.__dict__.pop("present", None)
    report.__dict__.pop("history", None)
    promise_notice(event, told=holder or (lead.holder if lead else None))
