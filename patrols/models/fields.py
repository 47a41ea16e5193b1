"""Column types of PostgreSQL that Django does not name."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _IntegerColumn = models.Field[int, int]
else:
    _IntegerColumn = models.Field


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
