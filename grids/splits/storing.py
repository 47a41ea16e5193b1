"""A proposal in its tables: stored with the coordinates it has, read back as a plan, and changed row by row."""

from dataclasses import dataclass, field
from typing import Any

import shapely
from django.db import transaction

from grids.models import Person, Region, SplitBlock, SplitEdit, SplitGrid, SplitRun
from grids.splits.ground import to_django, to_shapely
from grids.splitting.plan import Block, Patch, Plan

MADE = "made"


@dataclass(frozen=True, slots=True)
class Stored:
    """A plan with the ids of its rows, by key."""

    plan: Plan
    grid_rows: dict[int, int]
    block_rows: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A proposal that is not stored yet."""

    region: Region
    source: str
    plan: Plan
    quality: dict[str, Any]
    tallies: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    remarks: list[dict[str, Any]] = field(default_factory=list)
    person: Person | None = None


def store(draft: Draft) -> SplitRun:
    """Write a proposal, all of it or nothing."""
    with transaction.atomic():
        run = SplitRun.objects.create(
            region=draft.region,
            source=draft.source,
            parameters=draft.parameters,
            remarks=draft.remarks,
            created_by=draft.person,
        )
        first = SplitEdit(verb=MADE, quality=draft.quality, tallies=draft.tallies, made_by=draft.person)
        write(run, None, draft.plan, first)
    return run


def load(run: SplitRun) -> Stored:
    """Return the present state of a proposal, in two queries."""
    grids, blocks = {}, {}
    grid_rows, block_rows = {}, {}
    for grid in run.grids.filter(present=True).defer("geom").order_by("key"):
        grids[grid.key] = Patch(grid.key, grid.number, grid.kind, grid.parent, grid.name, grid.code)
        grid_rows[grid.key] = grid.pk
    for row in run.blocks.filter(present=True).order_by("key"):
        polygon = to_shapely(row.geom)
        assert isinstance(polygon, shapely.Polygon)
        blocks[row.key] = Block(row.key, row.grid, polygon, row.households, tuple(row.buildings))
        block_rows[row.key] = row.pk
    return Stored(Plan(blocks, grids), grid_rows, block_rows)


def write(run: SplitRun, before: Stored | None, plan: Plan, edit: SplitEdit) -> None:
    """Replace the rows in which two plans differ and remember by an edit which; the caller holds the run's lock."""
    old = before or Stored(Plan({}, {}), {}, {})
    blocks = {key for key in plan.blocks if old.plan.blocks.get(key) != plan.blocks[key]}
    gone = old.plan.blocks.keys() - plan.blocks.keys()
    grids = _changed_grids(old.plan, plan, blocks | gone)
    edit.run, edit.parent = run, run.head
    edit.blocks_before = sorted(old.block_rows[key] for key in (blocks | gone) if key in old.block_rows)
    edit.grids_before = sorted(row for key, row in old.grid_rows.items() if key in grids or key not in plan.grids)
    SplitBlock.objects.filter(pk__in=edit.blocks_before).update(present=False)
    SplitGrid.objects.filter(pk__in=edit.grids_before).update(present=False)
    new_blocks = SplitBlock.objects.bulk_create([_block_row(run, plan.blocks[key]) for key in sorted(blocks)])
    new_grids = SplitGrid.objects.bulk_create([_grid_row(run, plan, key) for key in sorted(grids)])
    edit.blocks_after = [row.pk for row in new_blocks]
    edit.grids_after = [row.pk for row in new_grids]
    edit.save(force_insert=True)
    run.head = edit
    run.save(update_fields=["head", "changed_at"])


def swap(edit: SplitEdit, *, back: bool) -> None:
    """Show the rows from before an edit again, or those after it."""
    shown, hidden = ("before", "after") if back else ("after", "before")
    for model, name in ((SplitGrid, "grids"), (SplitBlock, "blocks")):
        rows = model._default_manager.filter(run_id=edit.run_id)
        rows.filter(pk__in=getattr(edit, f"{name}_{hidden}")).update(present=False)
        rows.filter(pk__in=getattr(edit, f"{name}_{shown}")).update(present=True)


def _changed_grids(old: Plan, new: Plan, blocks: set[int]) -> set[int]:
    touched = {plan.blocks[key].grid for plan in (old, new) for key in blocks if key in plan.blocks}
    changed = {key for key, patch in new.grids.items() if old.grids.get(key) != patch}
    moved = {old.grids[key].parent for key in changed if key in old.grids}
    keys = {key for key in (*touched, *changed, *moved) if key is not None and key in new.grids}
    return new.lineage(keys)


def _block_row(run: SplitRun, block: Block) -> SplitBlock:
    return SplitBlock(
        run=run,
        key=block.key,
        grid=block.grid,
        households=block.households,
        buildings=list(block.buildings),
        geom=to_django(block.polygon),
    )


def _grid_row(run: SplitRun, plan: Plan, key: int) -> SplitGrid:
    patch = plan.grids[key]
    return SplitGrid(
        run=run,
        key=key,
        number=patch.number,
        kind=patch.kind,
        parent=patch.parent,
        name=patch.name,
        code=patch.code,
        households=plan.households(key),
        geom=to_django(plan.outline(key)),
    )
