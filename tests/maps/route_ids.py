"""Ids of the town's places and people for the addresses of the API's routes, and who may read about a team."""

from typing import TYPE_CHECKING

from grids.models import Assignment, Checkpoint, Membership, Region, Team
from grids.splits.editing import undo
from patrols.regridding.previewing import preview
from tests.split_town import merged, proposal
from tests.town import NEAR

if TYPE_CHECKING:
    from tests.maps.route_cast import Cast

WIDE_NEAR = {"dora", "paula", "ines", "adam"}


def add_ids(cast: "Cast") -> None:
    """Put an address for every kind of thing into the cast."""
    town, near = cast.town, Region.objects.get(code=NEAR)
    team = Team.objects.create(code="mark-team-code", name="mark-team-near", level=1, region=near)
    for text in (team.name, team.code):
        cast.readers[text] = WIDE_NEAR
    cast.sets["team"] = [team.name]
    things = {
        "region-near": near,
        "grid-five": town.grids[5],
        "grid-one": town.grids[1],
        "squad-body": town.squad,
        "team-near": team,
        "checkpoint-five": Checkpoint.objects.get(name="mark-checkpoint-five"),
        "person-bob": town.bob,
        "membership-bob": Membership.objects.get(person=town.bob),
        "assignment-bob": Assignment.objects.get(person=town.bob),
    }
    cast.addresses.update({name: str(thing.pk) for name, thing in things.items()})
    _add_splits(cast)


def _add_splits(cast: "Cast") -> None:
    """Put proposals there: one as it was made, one with an edit, one whose edit was undone."""
    town, scope = cast.town, cast.town.scope("paula")
    made, edited, undone = (proposal(town) for _number in range(3))
    for run in (edited, undone):
        merged(town, run, (5, 6))
    undo(scope, undone.pk, 2)
    cast.addresses.update(
        {
            "split-made": str(made.pk),
            "split-edited": str(edited.pk),
            "split-undone": str(undone.pk),
            "split-seen": preview(scope, edited.pk).fingerprint,
        }
    )
