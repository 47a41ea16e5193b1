"""Proposals for the town's east community: its grids as they are, and ways to change them.

The community is 3 × 3 blocks of 100 m; grid 5, in the middle, is Alice's. Every grid has a building of 20 m in its
middle with as many households as given.
"""

from datetime import date

from django.utils import timezone

from grids.models import Building, SplitGrid, SplitRun
from grids.scope import Scope
from grids.splits.editing import Edit, edit
from grids.splits.sources import from_grids
from tests.town import Town, box


def build_houses(town: Town, households: int = 100) -> None:
    """Put a building into the middle of each grid."""
    for number in range(1, 10):
        column, row = (number - 1) // 3, 2 - (number - 1) % 3
        Building.objects.create(
            source_id=f"b{number}",
            name=f"{number}号楼",
            households=households,
            geom=box(column + 0.4, row + 0.4, column + 0.6, row + 0.6),
        )


def proposal(town: Town, day: date | None = None) -> SplitRun:
    """Return the present grids as a proposal; the key of grid n is n."""
    return from_grids(town.grids[1].region, day or timezone.localdate(), town.paula)


def merged(town: Town, run: SplitRun, *pairs: tuple[int, int], scope: Scope | None = None) -> SplitRun:
    """Merge grids of a proposal by their keys."""
    for one, two in pairs:
        run.refresh_from_db()
        run = edit(scope or town.scope("paula"), run.pk, run.version, Edit("merge", {"one": one, "two": two}))
    return run


def shapes(run: SplitRun) -> dict[int, SplitGrid]:
    """Return the present grids of a proposal by key."""
    return {row.key: row for row in run.grids.filter(present=True)}
