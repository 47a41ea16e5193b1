"""Posts and shifts for the routes: one post near, with Bob on three of its shifts, and one far away."""

from typing import TYPE_CHECKING

from grids.models import Region
from patrols.models import Pattern, Post, Shift, Turn
from patrols.models.posts import TurnState
from tests.patrols.posting import shift
from tests.town import DISTRICT, FAR, NEAR, at

if TYPE_CHECKING:
    from tests.maps.route_cast import Cast

SEE = {"alice", "bob", "dora", "paula", "ines", "adam"}
SEE_FAR = {"charlie", "olaf", "paula", "petra", "adam"}


def add_posts(cast: "Cast") -> None:
    """Write a post with shifts near, one of them with Bob, and a post far away."""
    town = cast.town
    near = _post("near", f"{NEAR}001", 1.5)
    far = _post("far", f"{FAR}001", 9.5)
    pattern = Pattern.objects.create(
        district=DISTRICT, post=near, weekdays=[1], starts="10:00", ends="11:00", worked_days=False
    )
    shifts = {
        "shift-free": shift(near, hours=60),
        "shift-bob": shift(near, hours=30),
        "shift-swap": shift(near, hours=40),
        "shift-now": shift(near, hours=-0.5),
        "shift-there": shift(near, hours=-2.1),
        "shift-far": shift(far, hours=60),
    }
    for name, state in (("bob", "taken"), ("swap", "swap_wanted"), ("now", "taken"), ("there", "taken")):
        row = shifts[f"shift-{name}"]
        Turn.objects.create(
            district=DISTRICT, shift=row, person=town.bob, during=(row.starts_at, row.ends_at), state=TurnState(state)
        )
        Shift.objects.filter(pk=row.pk).update(taken=1)
    there = shifts["shift-there"]
    Turn.objects.filter(shift=there).update(arrived_at=there.starts_at)
    things = {"post-near": near, "post-far": far, "pattern-near": pattern, **shifts}
    cast.addresses.update({name: str(row.pk) for name, row in things.items()})
    for side, readers in (("near", SEE), ("far", SEE_FAR)):
        text = f"mark-post-{side}"
        cast.readers[text], cast.sets[f"post-{side}"] = readers, [text]


def _post(side: str, code: str, east: float) -> Post:
    region = Region.objects.get(code=code)
    return Post.objects.create(
        district=DISTRICT, region=region, geom=at(east, 1.5), name=f"mark-post-{side}", instruction="看好路口"
    )
