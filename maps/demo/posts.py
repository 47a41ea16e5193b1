"""The demo city's posts and shifts, this week and ahead: most places taken, some vacant, one to be swapped."""

import random
from datetime import date, datetime, time, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone

from grids.calendar import works_from
from grids.models import Checkpoint, Membership, Person
from grids.models.people import Role
from maps.demo.places import SOURCE
from patrols.models import Pattern, Post, Shift, Turn
from patrols.models.posts import TurnState
from patrols.posts.planning import AHEAD
from patrols.posts.recurrence import days_of

Plan = tuple[tuple[int, ...], time, time, int]
WEEK, END = (1, 2, 3, 4, 5), (6, 7)
# What is stood at, by the type of the checkpoint there: what is to be done, and when by how many.
KINDS: dict[str, tuple[str, tuple[Plan, ...]]] = {
    "crossing": (
        "早晚高峰劝导行人、非机动车各行其道，提醒佩戴头盔；不与当事人争执，遇事故先设警示再报警。",
        ((WEEK, time(7, 30), time(9), 2), (WEEK, time(17), time(18, 30), 2)),
    ),
    "school_surroundings": (
        "上下学时段维护校门口秩序，引导家长车辆即停即走，护送学生过街。",
        ((WEEK, time(7, 20), time(8, 10), 2), (WEEK, time(16, 30), time(17, 30), 1)),
    ),
    "market": (
        "提醒摊位不出店、不占道，引导车辆有序停放，保持市场入口畅通。",
        ((END, time(8), time(11), 2),),
    ),
    "estate_gate": (
        "提醒电动自行车不进楼道、不占消防通道，协助清理门前杂物。",
        ((END, time(9), time(10, 30), 1),),
    ),
}
HOME, ELSEWHERE = 2, 1  # posts of a kind in the volunteer's community, and in each other one
FILLED, MEASURED, TOLD = 0.7, 0.6, 0.85


def load_posts(people: dict[str, Person], now: datetime) -> int:
    """Write posts, weekly patterns, shifts and who stands there; return the number of posts."""
    rng = random.Random(11)  # noqa: S311 - a demo's roster
    volunteer = people["volunteer"]
    home = Membership.objects.current().get(person=volunteer, role=Role.VOLUNTEER).region.code
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday())
    crews = _crews()
    busy: dict[int, list[tuple[datetime, datetime]]] = {}
    posts = _posts(home, DateRange(monday - timedelta(days=28), None))
    for post, kind in posts:
        for days, starts, ends, wanted in KINDS[kind][1]:
            pattern = Pattern.objects.create(
                district=post.district,
                post=post,
                weekdays=list(days),
                starts=starts,
                ends=ends,
                wanted=wanted,
                period=post.period,
            )
            crew = crews.get(post.region.code, [])
            if post.region.code == home and starts == time(7, 30):
                crew = [volunteer, *crew]
            _load_shifts(pattern, monday, now, crew, busy, rng)
    _ask_for_a_swap(home, volunteer, now)
    return len(posts)


def _posts(home: str, since: DateRange) -> list[tuple[Post, str]]:
    found: dict[tuple[str, str], int] = {}
    posts, kinds = [], []
    rows = Checkpoint.objects.filter(source=SOURCE, type__code__in=KINDS, geom__isvalid=True)
    for row in rows.select_related("region", "type").order_by("region__code", "type__code", "source_id"):
        kind, code = row.type.code, row.region.code
        most = HOME if code == home else ELSEWHERE
        if found.get((code, kind), 0) >= most or (code != home and kind not in {"crossing", "market"}):
            continue
        found[code, kind] = found.get((code, kind), 0) + 1
        kinds.append(kind)
        place = row.geom if row.geom.geom_type == "Point" else row.geom.point_on_surface
        posts.append(
            Post(
                district=code[:6],
                region=row.region,
                geom=place,
                name=row.name,
                instruction=KINDS[kind][0],
                period=since,
            )
        )
    return list(zip(Post.objects.bulk_create(posts), kinds, strict=True))


def _crews() -> dict[str, list[Person]]:
    """Return the volunteers and stewards of each community."""
    crews: dict[str, list[Person]] = {}
    rows = Membership.objects.current().filter(role__in=[Role.VOLUNTEER, Role.STEWARD])
    for row in rows.select_related("person", "region").order_by("pk"):
        crews.setdefault(row.region.code, []).append(row.person)
    return crews


def _load_shifts(
    pattern: Pattern,
    monday: date,
    now: datetime,
    crew: list[Person],
    busy: dict[int, list[tuple[datetime, datetime]]],
    rng: random.Random,
) -> None:
    last = timezone.localdate(now) + AHEAD
    shifts, turns = [], []
    for day in days_of(pattern.weekdays, monday, last, works_from(monday, 60)):
        start, end = (timezone.make_aware(datetime.combine(day, clock)) for clock in (pattern.starts, pattern.ends))
        shift = Shift(
            district=pattern.district, post=pattern.post, pattern=pattern, day=day,
            starts_at=start, ends_at=end, wanted=pattern.wanted,
        )  # fmt: skip
        shifts.append(shift)
        near = (day - timezone.localdate(now)).days < 8
        for _place in range(pattern.wanted):
            free = [one for one in crew if all(end <= low or high <= start for low, high in busy.get(one.pk, []))]
            if not free or rng.random() > (FILLED if near else 0.25):
                continue
            person = free[0] if free[0].username == "volunteer" and day.weekday() == 1 else rng.choice(free)
            busy.setdefault(person.pk, []).append((start, end))
            shift.taken += 1
            turns.append(_turn(shift, person, now, rng))
    Shift.objects.bulk_create(shifts)
    Turn.objects.bulk_create(turns)
    Turn.objects.filter(shift__in=shifts).update(since=now - timedelta(days=3))


def _turn(shift: Shift, person: Person, now: datetime, rng: random.Random) -> Turn:
    turn = Turn(
        district=shift.district, shift=shift, person=person, during=DateTimeTZRange(shift.starts_at, shift.ends_at)
    )
    luck = rng.random()
    if shift.starts_at < now and luck < TOLD:
        turn.arrived_at = shift.starts_at - timedelta(minutes=rng.randint(1, 9))
        turn.located = luck < MEASURED
        if shift.ends_at < now:
            turn.left_at = shift.ends_at + timedelta(minutes=rng.randint(0, 6))
    return turn


def _ask_for_a_swap(home: str, volunteer: Person, now: datetime) -> None:
    """Let somebody of the community ask for a swap at a time at which the volunteer is free."""
    busy = [row.during for row in Turn.objects.filter(person=volunteer)]
    rows = Turn.objects.filter(shift__post__region__code=home, shift__starts_at__gt=now + timedelta(hours=12))
    for turn in rows.exclude(person=volunteer).order_by("during")[:40]:
        if all(turn.during.upper <= span.lower or span.upper <= turn.during.lower for span in busy):
            Turn.objects.filter(pk=turn.pk).update(state=TurnState.SWAP_WANTED)
            return
