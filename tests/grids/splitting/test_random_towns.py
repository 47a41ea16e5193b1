"""What holds of any town: an exact cover of single parts that cuts no building, the same for the same seed."""

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from grids.splitting import split
from tests.grids.splitting.test_split import sound
from tests.grids.splitting.towns import random_town


@given(seed=st.integers(0, 10_000), houses=st.integers(0, 90), number=st.integers(1, 6), setting=st.floats(0, 1))
@settings(max_examples=10, deadline=None)
def test_any_town_is_covered_exactly(seed: int, houses: int, number: int, setting: float) -> None:
    problem = random_town(seed, houses=houses, number=number, setting=setting)
    proposal = split(problem)
    sound(problem, proposal)
    assert len(proposal.grids) == number
    assert sum(grid.households for grid in proposal.grids) == sum(atom.households for atom in proposal.atoms)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=2, deadline=None)
def test_the_same_seed_gives_the_same_grids(seed: int) -> None:
    first, second = (split(random_town(seed, number=3, seed=seed)) for _ in range(2))
    assert [shapely.to_wkb(grid.polygon) for grid in first.grids] == [
        shapely.to_wkb(grid.polygon) for grid in second.grids
    ]
