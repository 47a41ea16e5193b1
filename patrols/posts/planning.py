"""Planning: posts, their weekly patterns, and the shifts that come of them or are added by hand."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry import Point

from grids import clock
from grids.calendar import works_from
from grids.geometry_guard import to_geos
from grids.models import Person, Region
from grids.models.places import RegionLevel
from grids.problems import BadInput, Conflict, NotFound
from grids.scope import Scope
from patrols.models import Pattern, Post, Shift
from patrols.models.posts import LEAST_RADIUS, MOST_RADIUS, MOST_WANTED, RADIUS, ShiftState
from patrols.posts import turns
from patrols.posts.reach import check_keeper, find_post
from patrols.posts.recurrence import days_of

AHEAD = timedelta(days=28)
FARTHEST = timedelta(days=366)
LONGEST = timedelta(hours=16)
MOST_PATTERNS = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A post to be entered; `place` has passed the guard and is in EPSG:4326."""

    name: str
    place: Point
    name_en: str = ""
    instruction: str = ""
    radius: int = RADIUS
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What of a post is to change; None stays as it is."""

    name: str | None = None
    place: Point | None = None
    name_en: str | None = None
    instruction: str | None = None
    radius: int | None = None
    skills: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A shift of every week, from a day on and, if there is one, until a last day."""

    weekdays: tuple[int, ...]
    starts: time
    ends: time
    wanted: int = 1
    worked_days: bool = True
    since: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """A single shift."""

    day: date
    starts: time
    ends: time
    wanted: int = 1


def enter(scope: Scope, entry: Entry) -> Post:
    """Write a post; its community follows from the place.

    Raises BadInput for a place outside of every community, a missing name or a radius that cannot be, NotAllowed in a
    region that is not the caller's to plan.
    """
    region = _community(scope, entry.place)
    _check(entry.name, entry.radius)
    point: Any = to_geos(entry.place)
    return Post.objects.create(
        district=region.code[:6],
        region=region,
        geom=point,
        name=entry.name.strip(),
        name_en=entry.name_en.strip(),
        instruction=entry.instruction.strip(),
        radius=entry.radius,
        skills=sorted(set(entry.skills)),
    )


@transaction.atomic
def change(scope: Scope, identity: int, wanted: Change) -> Post:
    """Change a post; raises NotFound, NotAllowed and BadInput as `enter` does, also for a move to another community."""
    post = find_post(scope, identity, lock=True)
    changed: dict[str, Any] = {}
    for name in ("name", "name_en", "instruction"):
        value = getattr(wanted, name)
        if value is not None:
            changed[name] = value.strip()
    if wanted.radius is not None:
        changed["radius"] = wanted.radius
    if wanted.skills is not None:
        changed["skills"] = sorted(set(wanted.skills))
    if wanted.place is not None:
        if _community(scope, wanted.place).pk != post.region_id:
            raise BadInput(_("That is in another community: close this post and make a new one there."))
        changed["geom"] = to_geos(wanted.place)
    for name, value in changed.items():
        setattr(post, name, value)
    _check(post.name, post.radius)
    if changed:
        post.save(update_fields=list(changed))
    return post


@transaction.atomic
def close(scope: Scope, identity: int, last_day: date) -> Post:
    """Let a post hold for the last time on a day: its patterns end, later shifts are cancelled and people told.

    Raises NotFound, NotAllowed, BadInput for a day that cannot be, Conflict when it ends by then already.
    """
    post = find_post(scope, identity, lock=True)
    post.period = _ended(post.period, last_day)
    post.save(update_fields=["period"])
    for pattern in Pattern.objects.not_over().filter(post=post):
        if pattern.period.upper is None or pattern.period.upper > last_day + timedelta(days=1):
            _end_pattern(pattern, last_day)
    for shift in _after(Shift.objects.filter(post=post), last_day):
        _cancel(shift, scope.person, _("The post was closed."))
    return post


@transaction.atomic
def add_pattern(scope: Scope, identity: int, week: Week) -> Pattern:
    """Plan a shift of every week at a post, and write those of the next weeks at once.

    Raises NotFound, NotAllowed, BadInput for times and days that cannot be, Conflict beyond twenty patterns of a post.
    """
    post = find_post(scope, identity, lock=True)
    week = _checked(week)
    if Pattern.objects.not_over().filter(post=post).count() >= MOST_PATTERNS:
        raise Conflict(_("A post has at most %(most)d weekly shifts: end one first.") % {"most": MOST_PATTERNS})
    since = week.since or timezone.localdate()
    pattern = Pattern.objects.create(
        district=post.district,
        post=post,
        weekdays=sorted(set(week.weekdays)),
        starts=week.starts,
        ends=week.ends,
        wanted=week.wanted,
        worked_days=week.worked_days,
        period=DateRange(since, week.last_day + timedelta(days=1) if week.last_day else None),
    )
    generate(pattern)
    return pattern


@transaction.atomic
def end_pattern(scope: Scope, identity: int, last_day: date) -> Pattern:
    """Let a weekly shift be for the last time on a day; later ones are cancelled and people told.

    Raises NotFound, NotAllowed, BadInput for a day that cannot be, Conflict when it ends by then already.
    """
    pattern: Pattern | None = Pattern.objects.select_related("post").filter(pk=identity).first()
    if pattern is None:
        raise NotFound(_("There is no such weekly shift here."))
    find_post(scope, pattern.post_id, lock=True)
    pattern.refresh_from_db(fields=["period"])
    _end_pattern(pattern, last_day)
    for shift in _after(Shift.objects.filter(pattern=pattern), last_day):
        _cancel(shift, scope.person, _("The weekly shift ended."))
    return pattern


@transaction.atomic
def add_shift(scope: Scope, identity: int, once: Once) -> Shift:
    """Add a single shift to a post.

    Raises NotFound, NotAllowed, BadInput for a time that cannot be, Conflict when one begins then already.
    """
    post = find_post(scope, identity, lock=True)
    _check_times(once.starts, once.ends, once.wanted)
    if not timezone.localdate() <= once.day <= timezone.localdate() + FARTHEST or once.day not in post.period:
        raise BadInput(_("The day must lie between today and a year from now, while the post holds."))
    shift = _shift(post, None, once.day, once.starts, once.ends, once.wanted)
    if shift.ends_at <= timezone.now():
        raise BadInput(_("This time has passed."))
    try:
        with transaction.atomic():
            shift.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("A shift begins at this post at that time already.")) from error
    return shift


@transaction.atomic
def set_wanted(scope: Scope, identity: UUID, wanted: int | None) -> Shift:
    """Say how many people a shift wants; None leaves it.

    Raises NotFound, NotAllowed, BadInput, Conflict when more have a place.
    """
    shift = turns.locked(scope, identity)
    check_keeper(scope, shift.post.region.code)
    if wanted is None:
        return shift
    if not 1 <= wanted <= MOST_WANTED:
        raise BadInput(_("Between 1 and %(most)d people stand in a shift.") % {"most": MOST_WANTED})
    rows = Shift.objects.filter(pk=shift.pk, state=ShiftState.OPEN, taken__lte=wanted)
    if rows.update(wanted=wanted) != 1:
        raise Conflict(_("More people have a place in this shift, or it was cancelled: look again."))
    shift.wanted = wanted
    return shift


@transaction.atomic
def cancel(scope: Scope, identity: UUID, reason: str) -> Shift:
    """Cancel a shift that is not over and tell those who had a place; one that was cancelled stays so.

    Raises NotFound, NotAllowed, BadInput without a reason, Conflict when it is over.
    """
    shift = turns.locked(scope, identity)
    check_keeper(scope, shift.post.region.code)
    if shift.state == ShiftState.CANCELLED:
        return shift
    if not reason.strip():
        raise BadInput(_("Say why the shift is cancelled."))
    if shift.ends_at <= timezone.now():
        raise Conflict(_("The shift is over."))
    _cancel(shift, scope.person, reason.strip())
    return shift


def generate(pattern: Pattern, today: date | None = None) -> None:
    """Write the shifts of a pattern for the next four weeks; those that are there stay as they are, also cancelled."""
    today = today or timezone.localdate()
    now = timezone.now()
    rows = [
        _shift(pattern.post, pattern, day, pattern.starts, pattern.ends, pattern.wanted)
        for day in _days(pattern, today)
    ]
    Shift.objects.bulk_create([row for row in rows if row.ends_at > now], ignore_conflicts=True)


@clock.task("shifts-ahead", timedelta(hours=6))
def keep_ahead() -> None:
    """Write the shifts of the next four weeks; free who left; cancel what fell on a day that became a day off."""
    today = timezone.localdate()
    for pattern in Pattern.objects.not_over().select_related("post").order_by("pk").iterator(chunk_size=500):
        generate(pattern, today)
        if pattern.worked_days:
            _cancel_days_off(pattern, today)
    turns.release_all(Person.objects.filter(is_active=False).values_list("pk", flat=True))


def _cancel_days_off(pattern: Pattern, today: date) -> None:
    kept = set(_days(pattern, today))
    rows = Shift.objects.filter(pattern=pattern, state=ShiftState.OPEN, day__gt=today, day__lte=today + AHEAD).exclude(
        day__in=kept
    )
    for shift in rows.select_related("post").order_by("pk").select_for_update(of=("self",), no_key=True):
        _cancel(shift, None, _("This became a day off."))


def _days(pattern: Pattern, today: date) -> list[date]:
    period, post = pattern.period, pattern.post.period
    starts = [today, *(one.lower for one in (period, post) if one.lower)]
    ends = [today + AHEAD, *(one.upper - timedelta(days=1) for one in (period, post) if one.upper)]
    first, last = max(starts), min(ends)
    if pattern.period.isempty or post.isempty or last < first:
        return []
    works = works_from(first, AHEAD.days + 1) if pattern.worked_days else None
    return list(days_of(pattern.weekdays, first, last, works))


def _shift(post: Post, pattern: Pattern | None, day: date, starts: time, ends: time, wanted: int) -> Shift:
    return Shift(
        district=post.district,
        post=post,
        pattern=pattern,
        day=day,
        starts_at=timezone.make_aware(datetime.combine(day, starts)),
        ends_at=timezone.make_aware(datetime.combine(day, ends)),
        wanted=wanted,
    )


def _after(rows: Any, last_day: date) -> Any:
    """Hold the open shifts after a day."""
    late = rows.filter(state=ShiftState.OPEN, day__gt=last_day, ends_at__gt=timezone.now())
    return late.select_related("post").order_by("pk").select_for_update(of=("self",), no_key=True)


def _cancel(shift: Shift, by: Person | None, reason: str) -> None:
    Shift.objects.filter(pk=shift.pk).update(state=ShiftState.CANCELLED, reason=reason[:200])
    shift.state, shift.reason = ShiftState.CANCELLED, reason[:200]
    turns.empty(shift, by)


def _end_pattern(pattern: Pattern, last_day: date) -> None:
    pattern.period = _ended(pattern.period, last_day)
    pattern.save(update_fields=["period"])


def _ended(period: Any, last_day: date) -> DateRange:
    today = timezone.localdate()
    if not today - timedelta(days=1) <= last_day <= today + FARTHEST:
        raise BadInput(_("The last day must lie between yesterday and a year from today."))
    end = last_day + timedelta(days=1)
    if period.isempty or (period.upper and period.upper <= end):
        raise Conflict(_("This ends then or earlier already."))
    return DateRange(period.lower, end) if period.lower is None or period.lower < end else DateRange(empty=True)


def _checked(week: Week) -> Week:
    if not week.weekdays or not set(week.weekdays) <= set(range(1, 8)):
        raise BadInput(_("Choose the days of the week."))
    _check_times(week.starts, week.ends, week.wanted)
    today = timezone.localdate()
    since = week.since or today
    if not today <= since <= today + FARTHEST:
        raise BadInput(_("The first day must lie between today and a year from now."))
    if week.last_day and not since <= week.last_day <= today + 2 * FARTHEST:
        raise BadInput(_("The last day lies before the first, or more than two years ahead."))
    return replace(week, since=since)


def _check_times(starts: time, ends: time, wanted: int) -> None:
    day = date(2000, 1, 1)
    length = datetime.combine(day, ends) - datetime.combine(day, starts)
    if not timedelta() < length <= LONGEST:
        raise BadInput(_("A shift ends after it begins, on the same day, and lasts at most sixteen hours."))
    if not 1 <= wanted <= MOST_WANTED:
        raise BadInput(_("Between 1 and %(most)d people stand in a shift.") % {"most": MOST_WANTED})


def _check(name: str, radius: int) -> None:
    if not name.strip():
        raise BadInput(_("Give the post a name."))
    if not LEAST_RADIUS <= radius <= MOST_RADIUS:
        raise BadInput(
            _("The radius is between %(least)d and %(most)d metres.") % {"least": LEAST_RADIUS, "most": MOST_RADIUS}
        )


def _community(scope: Scope, place: Point) -> Region:
    found = Region.objects.current().filter(level=RegionLevel.COMMUNITY, geom__covers=to_geos(place)).defer("geom")
    region: Region | None = found.order_by("code").first()
    if region is None:
        raise BadInput(_("The place lies outside of every community that is known here."))
    check_keeper(scope, region.code)
    return region
