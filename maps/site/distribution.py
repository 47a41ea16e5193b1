"""How the tables lie on several servers (Citus): which are distributed by district, and what keys need for it.

A distributed table's unique keys, its primary key and what keeps two rows from overlapping have to hold the district,
and so has a foreign key between two of them, on both sides. What has no district is the same for all and lies on every
server (a reference table), which any table may refer to; one that refers to a distributed table cannot be one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import UniqueConstraint

COLUMN = "district"
OURS = ("grids", "patrols", "maps")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with what has to be altered: unique keys and foreign keys, as their columns."""

    name: str
    distributed: bool
    unique: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    blocking: list[str] = field(default_factory=list)  # of a table without a district, into distributed ones


def tables() -> list[Table]:
    """Return every table of ours with what its keys lack, by name; read from the models, without a query."""
    return sorted((_table(model) for model in _models()), key=lambda table: (not table.distributed, table.name))


def _models() -> Iterator[type[models.Model]]:
    for label in OURS:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            if model._meta.managed and not model._meta.proxy:
                yield model


def is_distributed(model: type[models.Model]) -> bool:
    """Whether a table has a district to be distributed by."""
    return any(one.column == COLUMN for one in model._meta.concrete_fields)


def _table(model: type[models.Model]) -> Table:
    table, distributed = model._meta.db_table, is_distributed(model)
    into = [
        f"{one.column} → {one.remote_field.model._meta.db_table}"
        for one in model._meta.concrete_fields
        if isinstance(one, models.ForeignKey) and _is_kept(one) and is_distributed(one.remote_field.model)
    ]
    if not distributed:
        return Table(table, distributed, blocking=into)
    lacking = [", ".join(key) for key in _unique_keys(model) if COLUMN not in key]
    return Table(table, distributed, unique=lacking, foreign=into)


def _unique_keys(model: type[models.Model]) -> Iterator[tuple[str, ...]]:
    """Yield the columns of each unique key, the primary one first."""
    meta = model._meta
    primary = meta.pk
    composite = [one.column for one in getattr(meta, "pk_fields", [])]
    if primary is not None:
        yield tuple(composite) or (primary.column,)
    for one in meta.concrete_fields:
        if one.unique and not one.primary_key:
            yield (one.column,)
    for together in meta.unique_together:
        yield tuple(_columns(model, together))
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(_columns(model, constraint.fields)) or ("an expression",)
        if isinstance(constraint, ExclusionConstraint):
            yield tuple(_columns(model, (name for name, _operator in constraint.expressions if isinstance(name, str))))


def _columns(model: type[models.Model], names: Iterable[str]) -> list[str]:
    columns = {one.name: str(one.column) for one in model._meta.concrete_fields}
    return [columns[name] for name in names]


def _is_kept(key: Any) -> bool:
    """Whether the database itself keeps a foreign key."""
    return bool(key.db_constraint)
