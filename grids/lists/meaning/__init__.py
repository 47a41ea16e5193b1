"""What the rows of each kind of list mean, and how they are written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.meaning import bodies, housing, people, things
from grids.models.lists import ListKind

Understand = Callable[[Sequence[Draft], Context], None]
Step = Callable[[str, float], None]
Write = Callable[[Sequence[Draft], Context, Step], None]


@dataclass(frozen=True, slots=True)
class Meaning:
    """How rows are understood, and how those that would change something are written."""

    understand: Understand
    write: Write


MEANINGS: dict[str, Meaning] = {
    ListKind.CHECKPOINTS: Meaning(things.understand_checkpoints, things.write),
    ListKind.ASSETS: Meaning(things.understand_assets, things.write),
    ListKind.PEOPLE: Meaning(people.understand, people.write),
    ListKind.ORGANISATIONS: Meaning(bodies.understand, bodies.write),
    ListKind.STAIRWELLS: Meaning(housing.understand_stairwells, housing.write_stairwells),
    ListKind.HOUSEHOLDS: Meaning(housing.understand_households, housing.write_households),
}
