"""Column types of PostgreSQL that Django does not name."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.multirange import Int4Multirange, Multirange
from psycopg.types.range import Int4Range

if TYPE_CHECKING:
    _IntegerColumn = models.Field[int, int]
    _StretchesColumn = models.Field["Stretches", "Stretches"]
else:
    _IntegerColumn = models.Field
    _StretchesColumn = models.Field

# Sorted, disjoint pairs of whole numbers, the upper one excluded.
Stretches = tuple[tuple[int, int], ...]


class TransactionIdField(_IntegerColumn):
    """A 64-bit transaction id (xid8); the database fills in the current one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column type."""
        return "xid8"

    def from_db_value(self, value: str | int | None, *_: object) -> int | None:
        """Read what the driver hands over as text."""
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        """Write numbers as text, which xid8 reads; expressions pass."""
        return str(value) if isinstance(value, int) else value


class CurrentTransactionId(models.Func):
    """pg_current_xact_id(): the transaction that writes the row."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = TransactionIdField()


class OldestRunningTransaction(models.Func):
    """pg_snapshot_xmin(pg_current_snapshot()): ids below it belong to finished transactions only."""

    template = "pg_snapshot_xmin(pg_current_snapshot())"
    output_field = TransactionIdField()


class StretchesField(_StretchesColumn):
    """Stretches of a line in millionths of its length (int4multirange): sorted and disjoint in whatever form given."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column type."""
        return "int4multirange"

    def from_db_value(self, value: Multirange[int] | None, *_: object) -> Stretches | None:
        """Read pairs."""
        return None if value is None else tuple((part.lower or 0, part.upper or 0) for part in value)

    def get_prep_value(self, value: Any) -> Any:
        """Write pairs; expressions pass."""
        if isinstance(value, tuple | list):
            return Int4Multirange([Int4Range(low, high) for low, high in value])
        return value
