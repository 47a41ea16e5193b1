"""What another policy of asking volunteers would have done on days that were: a simulation of events, seeded.

Each incident asks the nearest who are free, and are asked at that hour, in waves: so many at once, more after a delay,
each offer stands for a time.
Whoever is asked accepts with the same probability as everybody, after an exponentially distributed time, and then walks
there in a straight line; who has accepted is busy until it is done. What comes out is the time until somebody is there.

Chance is drawn by (seed, incident, volunteer) and not in turn: two policies meet the same luck (common random
numbers; Law, Simulation Modeling and Analysis, §11.2), so that their difference is the policies'.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from statistics import fmean

import numpy as np

from patrols.matching.distances import chords, metres_of, unit_vectors
from patrols.matching.problem import MatchingError, check_place

MOST_INCIDENTS, MOST_SEEDS, MOST_ASKED = 3_000, 40, 200
WAVE, ANSWER = 0, 1
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that wanted somebody: when in epoch seconds, where, and within how many seconds.

    `week`: how many minutes of its week had passed there, from Monday 0:00; a hazard does not wait for quiet hours.
    """

    key: str
    at: float
    lon: float
    lat: float
    limit: float
    week: float = 0.0
    hazard: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """From where a volunteer sets out, in degrees of WGS-84, and when they are asked.

    `hours`: in minutes of the week, from and until; without any, at all times but `quiet`, in minutes of the day.
    """

    lon: float
    lat: float
    hours: tuple[tuple[int, int], ...] = ()
    quiet: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How many are asked at a time, seconds between waves, seconds an offer stands, and the share of volunteers.

    With a share above 1 some places have a second volunteer.
    """

    waves: tuple[int, ...] = (3, 5, 10)
    delay: float = 300.0
    stands: float = 600.0
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What is assumed of everybody alike: the probability to accept, mean seconds to answer, metres a second, and busy
    seconds after having arrived. Nobody is asked beyond `reach` metres.
    """

    accepts: float
    answer: float
    speed: float = 1.2
    busy: float = 1_800.0
    reach: float = 5_000.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's mean over seeds, and between what 19 of 20 seeds lie; None where nobody came so often."""

    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds until half and nine of ten had somebody there, the share within the limit, and of those without."""

    median: Figure
    ninetieth: Figure
    within: Figure
    nobody: Figure
    asked: Figure


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds until somebody was there by incident (infinite for nobody), and how many were asked."""

    seconds: tuple[float, ...]
    asked: int


def compare(
    incidents: Sequence[Incident],
    places: Sequence[Place],
    policies: Sequence[Policy],
    habits: Habits,
    seeds: Sequence[int],
) -> list[tuple[Outcome, list[float]]]:
    """Return for each policy its figures over seeds, and all its times pooled, sorted (infinite for nobody).

    Raises MatchingError for too much, or for what cannot be a place or a policy.
    """
    if len(incidents) > MOST_INCIDENTS or len(seeds) > MOST_SEEDS:
        raise MatchingError("too_many")
    known = sorted(incidents, key=lambda one: (one.at, one.key))
    found = []
    for policy in policies:
        runs = [simulate(known, places, policy, habits, seed) for seed in seeds]
        found.append((_outcome(known, runs), sorted(second for run in runs for second in run.seconds)))
    return found


def simulate(incidents: Sequence[Incident], places: Sequence[Place], policy: Policy, habits: Habits, seed: int) -> Run:
    """Return what happens in one run."""
    _check(incidents, places, policy, habits)
    volunteers = _volunteers(places, policy.share, seed)
    nearest = _nearest(incidents, volunteers, habits.reach)
    asked: list[int] = [0] * len(incidents)  # how far down the list of the nearest each has asked
    there = [math.inf] * len(incidents)
    taken = [False] * len(incidents)
    busy_until = [-math.inf] * len(volunteers)
    agenda = [(one.at, WAVE, number, 0, 0.0) for number, one in enumerate(incidents)]
    heapq.heapify(agenda)
    total = 0
    while agenda:
        now, what, number, which, way = heapq.heappop(agenda)
        if taken[number]:
            continue
        if what == ANSWER:
            if busy_until[which] <= now:
                arrives = now + way / habits.speed
                taken[number], there[number] = True, arrives - incidents[number].at
                busy_until[which] = arrives + habits.busy
            continue
        left = policy.waves[which]
        while left and asked[number] < len(nearest[number]):
            metres, one = nearest[number][asked[number]]
            asked[number] += 1
            if busy_until[one] > now or not asked_at(volunteers[one], incidents[number], now):
                continue
            left, total = left - 1, total + 1
            answer = _answer(seed, incidents[number].key, one, habits)
            if answer <= policy.stands:
                heapq.heappush(agenda, (now + answer, ANSWER, number, one, metres))
        if which + 1 < len(policy.waves):
            heapq.heappush(agenda, (now + policy.delay, WAVE, number, which + 1, 0.0))
    return Run(tuple(there), total)


def asked_at(place: Place, incident: Incident, now: float) -> bool:
    """Whether somebody is asked at a moment (epoch seconds) after an incident, as `patrols.offering.finding` does."""
    week = (incident.week + (now - incident.at) / 60) % WEEK_MINUTES
    if place.hours:
        return any(since <= week < until for since, until in place.hours)
    if place.quiet is None or incident.hazard:
        return True
    (since, until), day = place.quiet, week % DAY_MINUTES
    if since <= until:
        return not since <= day < until
    return until <= day < since


def _answer(seed: int, incident: str, volunteer: int, habits: Habits) -> float:
    """Return after how many seconds somebody accepts; infinite if they do not."""
    digest = blake2b(f"{seed}|{incident}|{volunteer}".encode(), digest_size=16).digest()
    willing, patience = (int.from_bytes(part, "big") / 2**64 for part in (digest[:8], digest[8:]))
    return -habits.answer * math.log1p(-patience) if willing < habits.accepts else math.inf


def _volunteers(places: Sequence[Place], share: float, seed: int) -> list[Place]:
    """Return the first part of the places in an order by chance, again from the start where the share is above 1."""
    order = sorted(range(len(places)), key=lambda one: blake2b(f"{seed}|{one}".encode(), digest_size=8).digest())
    return [places[order[number % len(order)]] for number in range(round(share * len(order)))] if order else []


def _nearest(incidents: Sequence[Incident], volunteers: Sequence[Place], reach: float) -> list[list[tuple[float, int]]]:
    vectors = unit_vectors([one.lon for one in volunteers], [one.lat for one in volunteers])
    found = []
    for place in unit_vectors([one.lon for one in incidents], [one.lat for one in incidents]):
        metres = metres_of(chords(place, vectors))
        order = np.argsort(metres, kind="stable")[:MOST_ASKED]
        found.append([(float(metres[one]), int(one)) for one in order if metres[one] <= reach])
    return found


def _outcome(incidents: Sequence[Incident], runs: Sequence[Run]) -> Outcome:
    limits = [one.limit for one in incidents]

    def over(figures: list[float]) -> Figure:
        return _figure(figures)

    count = max(1, len(incidents))
    return Outcome(
        over([quantile(run.seconds, 0.5) for run in runs]),
        over([quantile(run.seconds, 0.9) for run in runs]),
        over([sum(one <= most for one, most in zip(run.seconds, limits, strict=True)) / count for run in runs]),
        over([sum(map(math.isinf, run.seconds)) / count for run in runs]),
        over([run.asked / count for run in runs]),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the least value that at least a share of all do not exceed (type 1 of Hyndman and Fan 1996)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.inf


def _figure(values: list[float]) -> Figure:
    low, high = quantile(values, 0.025), quantile(values, 0.975)
    mean = fmean(values) if values else math.inf
    return Figure(*(value if math.isfinite(value) else None for value in (mean, low, high)))


def _check(incidents: Sequence[Incident], places: Sequence[Place], policy: Policy, habits: Habits) -> None:
    for incident in incidents:
        check_place(incident.lon, incident.lat, incident.key)
    for place in places:
        check_place(place.lon, place.lat)
    fine = policy.waves and all(0 < wave <= MOST_ASKED for wave in policy.waves) and len(policy.waves) <= 10
    fine = fine and policy.delay >= 0 and policy.stands >= 0 and 0 <= policy.share <= 3
    if not fine or not 0 <= habits.accepts <= 1 or habits.speed <= 0:
        raise MatchingError("bad_policy")
