"""Replaying days with two ways of asking volunteers, as a job: where and when cases were is real, people are not.

Who is asked at what hour is as it is today: by the hours that people gave, or else not in their quiet hours. What they
do then is assumed alike for everybody: how likely somebody takes a case and how long that takes is estimated
from what became of dispatches, without saying whose; volunteers stand in the grids that have somebody today.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from statistics import fmean
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids import jobs
from grids.expressions import PointOnSurface
from grids.models import Assignment, Availability, Job, Person
from grids.models.catalogue import Acts
from grids.models.people import Role
from grids.problems import BadInput, NotAllowed
from grids.scope import Scope
from patrols.matching.replay import (
    DAY_MINUTES,
    MOST_INCIDENTS,
    Habits,
    Incident,
    Outcome,
    Place,
    Policy,
    compare,
)
from patrols.models import Event, Offer
from patrols.offering.table import OfferState

KIND = "dispatch-replay"
SEEDS = 20
MOST_DAYS, HISTORY = 92, timedelta(days=180)
FEWEST = 30  # dispatches: with fewer the usual values are taken
USUAL_ACCEPTS, USUAL_ANSWER_S, LONGEST_ANSWER_S = 0.5, 600.0, 7_200.0
CURVE_MINUTES = tuple(range(0, 125, 5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to ask: people per wave, minutes between waves and that an offer stands, per cent of volunteers."""

    waves: tuple[int, ...]
    delay_minutes: int
    stands_minutes: int
    volunteers_percent: int = 100

    def policy(self) -> Policy:
        """Return it as the simulation wants it."""
        return Policy(self.waves, self.delay_minutes * 60.0, self.stands_minutes * 60.0, self.volunteers_percent / 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Days from the first to the last, two ways, minutes within which somebody should be there, and habits if given."""

    since: date
    until: date
    one: Way
    two: Way
    limit_minutes: int = 30
    accepts_percent: int | None = None
    answer_minutes: int | None = None


def start(scope: Scope, question: Question) -> Job:
    """Start a replay for the regions that somebody plans; raises NotAllowed, BadInput for days that cannot be."""
    codes = check_planner(scope)
    assert scope.person is not None
    days = (question.until - question.since).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(_("Choose at least one day and at most %(most)s.") % {"most": MOST_DAYS}, field="until")
    if question.until > timezone.localdate():
        raise BadInput(_("These days are not over yet."), field="until")
    return jobs.start(
        KIND,
        scope.person,
        district=codes[0][:6],
        **{**asdict(question), "since": question.since.isoformat(), "until": question.until.isoformat()},
    )


def check_planner(scope: Scope) -> tuple[str, ...]:
    """Return the regions that somebody plans; raises NotAllowed for who plans nowhere."""
    codes = scope.regions.get(Role.PLANNER, ())
    if not codes:
        raise NotAllowed(_("Replays are for the planners of a region."))
    return codes


@jobs.job(KIND, title=gettext_lazy("Replay of dispatching"))
def replay(run: jobs.Run, *, since: str, until: str, one: Any, two: Any, limit_minutes: int, **given: Any) -> Any:
    """Run both ways over the same days and the same chances, and return their figures."""
    codes = check_planner(run.scope)
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    run.step(_("Reading the days"), 0.05)
    incidents = list(incidents_of(codes, first, last, limit_minutes * 60.0))
    if len(incidents) > MOST_INCIDENTS:
        raise BadInput(
            _("There are %(count)s cases in these days; a replay takes at most %(most)s.")
            % {"count": len(incidents), "most": MOST_INCIDENTS}
        )
    if not incidents:
        raise BadInput(_("No case that a volunteer may take was accepted in these days."))
    places = places_of(codes)
    if not places:
        raise BadInput(_("No grid of these regions has a volunteer."))
    habits, known, source = habits_of(codes, last, given.get("accepts_percent"), given.get("answer_minutes"))
    ways = [Way(**{**way, "waves": tuple(way["waves"])}) for way in (one, two)]
    found = []
    for number, way in enumerate(ways):
        run.step(_("Playing the days %(times)s times") % {"times": SEEDS}, 0.1 + 0.45 * number)
        found += compare(incidents, places, [way.policy()], habits, range(SEEDS))
    outcomes = [
        {**_figures(outcome), "curve": _curve(pooled), "way": asdict(way)}
        for way, (outcome, pooled) in zip(ways, found, strict=True)
    ]
    return {
        "since": since,
        "until": until,
        "limit_minutes": limit_minutes,
        "incidents": len(incidents),
        "volunteers": len(places),
        "seeds": SEEDS,
        "habits": {
            "accepts": habits.accepts,
            "answer_s": habits.answer,
            "speed": habits.speed,
            "busy_s": habits.busy,
            "reach_m": habits.reach,
            "known": known,
            "source": source,
        },
        "outcomes": outcomes,
        "summary": ngettext("%(count)s case replayed", "%(count)s cases replayed", len(incidents))
        % {"count": len(incidents)},
        "url": f"/planner/replay/?job={run.id}",
    }


def incidents_of(codes: Sequence[str], first: date, last: date, limit: float) -> Iterable[Incident]:
    """Yield what a volunteer may take, at the moment when it was first accepted in some days."""
    since, until = _midnight(first), _midnight(last + timedelta(days=1))
    rows = (
        Event.objects.filter(
            _within("report__region_code", codes),
            district__in={code[:6] for code in codes},
            verb="accept",
            occurred_at__gte=since,
            occurred_at__lt=until,
            recorded_at__gte=since,
            report__category__acts=Acts.VOLUNTEER,
        )
        .order_by("occurred_at", "id")
        .values_list("report_id", "occurred_at", "report__anchor", "report__category__hazard")
    )
    seen: set[UUID] = set()
    for report, at, anchor, hazard in rows:
        if report not in seen:
            seen.add(report)
            local = timezone.localtime(at)
            week = local.weekday() * DAY_MINUTES + minutes_of(local.time()) + local.second / 60
            yield Incident(str(report), at.timestamp(), anchor.x, anchor.y, limit, week, hazard)


def places_of(codes: Sequence[str]) -> list[Place]:
    """Return a place inside of the grid of everybody who answers for one today, with the hours that they gave, or
    their quiet hours; nobody is named.
    """
    rows = (
        Assignment.objects.current()
        .filter(
            _within("grid__region__code", codes), person__is_active=True, grid__period__contains=timezone.localdate()
        )
        .annotate(inner=PointOnSurface("grid__geom"))
        .order_by("person", "grid__code")
        .values_list("person", "inner", "person__quiet_from", "person__quiet_until")
    )
    hours: dict[int, list[tuple[int, int]]] = {}
    for given in Availability.objects.filter(person__in=rows.order_by().values("person")).order_by("weekday", "starts"):
        day = (given.weekday - 1) * DAY_MINUTES
        span = (day + minutes_of(given.starts), day + minutes_of(given.ends))
        hours.setdefault(given.person_id, []).append(span)
    first: dict[int, Place] = {}
    for person, inner, since, until in rows:
        quiet = (minutes_of(since), minutes_of(until)) if since and until else None
        first.setdefault(person, Place(inner.x, inner.y, tuple(hours.get(person, ())), quiet))
    return list(first.values())


def minutes_of(clock: time) -> int:
    """Return how many minutes of the day have passed."""
    return clock.hour * 60 + clock.minute


def habits_of(
    codes: Sequence[str], until: date, accepts_percent: int | None, answer_minutes: int | None
) -> tuple[Habits, int, str]:
    """Return what is assumed of everybody, from how many answers of half a year it was estimated, and from which.

    From offers ("offers") if there are enough: taken on, or declined and run out. Else from dispatches to volunteers
    ("dispatches"): started, or sent back and recalled. Both are about the region as a whole. Given values come first.
    """
    end = _midnight(until + timedelta(days=1))
    source = "offers"
    taken, refused = _answers(codes, end)
    if not _enough(taken, refused):
        source = "dispatches"
        taken, refused = _dispatches(codes, end)
    enough = _enough(taken, refused)
    known = len(taken) + refused
    accepts = len(taken) / known if enough else USUAL_ACCEPTS
    answer = fmean(taken) if enough else USUAL_ANSWER_S
    habits = Habits(
        accepts=accepts if accepts_percent is None else accepts_percent / 100,
        answer=answer if answer_minutes is None else answer_minutes * 60.0,
    )
    return habits, known, source


def _enough(taken: Sequence[float], refused: int) -> bool:
    return bool(taken) and len(taken) + refused >= FEWEST


def _answers(codes: Sequence[str], end: datetime) -> tuple[list[float], int]:
    """Return after how many seconds offers were taken on, and how many were not though nobody else was quicker."""
    rows = Offer.objects.filter(
        _within("report__region_code", codes),
        district__in={code[:6] for code in codes},
        offered_at__gte=end - HISTORY,
        offered_at__lt=end,
    )
    times = rows.filter(accepted_at__isnull=False).values_list("offered_at", "accepted_at")
    taken = [min(LONGEST_ANSWER_S, (at - offered).total_seconds()) for offered, at in times if at]
    not_taken = rows.filter(accepted_at__isnull=True, state__in=[OfferState.DECLINED, OfferState.EXPIRED])
    return taken, not_taken.count()


def _dispatches(codes: Sequence[str], end: datetime) -> tuple[list[float], int]:
    """Return after how many seconds dispatches to volunteers were started, and how many came back instead."""
    rows = (
        Event.objects.filter(
            _within("report__region_code", codes),
            district__in={code[:6] for code in codes},
            recorded_at__gte=end - HISTORY,
            recorded_at__lt=end,
            verb__in=["dispatch", "start", "send_back", "recall"],
        )
        .order_by("report", "recorded_at", "transaction", "id")
        .values_list("report_id", "verb", "person", "occurred_at")
    )
    taken: list[float] = []
    refused = 0
    sent: tuple[UUID, datetime] | None = None
    for report, verb, person, at in rows:
        if verb == "dispatch":
            sent = (report, at) if person else None
        elif sent and sent[0] == report:
            if verb == "start":
                taken.append(min(LONGEST_ANSWER_S, max(0.0, (at - sent[1]).total_seconds())))
            else:
                refused += 1
            sent = None
    return taken, refused


def replays_of(person: Person) -> Any:
    """Return somebody's own replays, newest first."""
    return Job.objects.filter(kind=KIND, person=person).order_by("-pk")


def _figures(outcome: Outcome) -> dict[str, Any]:
    return {name: asdict(getattr(outcome, name)) for name in ("median", "ninetieth", "within", "nobody", "asked")}


def _curve(pooled: Sequence[float]) -> list[float]:
    """Return which share had somebody there within each of some minutes; the times are sorted."""
    count = max(1, len(pooled))
    return [round(sum(one <= minutes * 60 for one in pooled) / count, 4) for minutes in CURVE_MINUTES]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _within(field: str, codes: Sequence[str]) -> Q:
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(**{f"{field}__startswith": code})
    return condition
