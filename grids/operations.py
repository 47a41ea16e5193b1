"""Migration operations for tables that keep history."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Always: also where triggers are switched off for replication. Whoever owns the table can still remove it.
_GUARD = """
    CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'history is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only();
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only
"""
_BEGIN = """
    INSERT INTO {history} ({columns}, pgh_created_at, pgh_label, pgh_obj_id)
    SELECT {columns}, now(), 'found', {key} FROM {table} ORDER BY {key}
"""


class BeginHistory(Operation):
    """Put what a table holds today at the beginning of its history, and refuse to change that history from now on.

    `name` is the model of the events, `tracked` the model whose history it is, both of the migration's app.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, name: str, tracked: str) -> None:
        self.name, self.tracked = name, tracked

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the models as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Copy the rows, then guard the table."""
        history = to_state.apps.get_model(app_label, self.name)
        tracked = to_state.apps.get_model(app_label, self.tracked)
        quote = schema_editor.quote_name
        own = {field.column for field in tracked._meta.concrete_fields}
        columns = [field.column for field in history._meta.concrete_fields if field.column in own]
        names: dict[str, Any] = {
            "history": quote(history._meta.db_table),
            "table": quote(tracked._meta.db_table),
            "key": quote(tracked._meta.pk.column),
            "columns": ", ".join(quote(column) for column in columns),
        }
        schema_editor.execute(_BEGIN.format(**names), None)
        schema_editor.execute(_GUARD.format(table=names["history"]), None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take the guard away; the table goes with its model."""
        table = schema_editor.quote_name(from_state.apps.get_model(app_label, self.name)._meta.db_table)
        schema_editor.execute(f"DROP TRIGGER IF EXISTS append_only ON {table}", None)

    def describe(self) -> str:
        """Say what it does."""
        return f"Begin the history of {self.tracked} and make it append-only"


class Together(Operation):
    """Operations that need no models of a state in between: these are built once, not after each of them."""

    reduces_to_sql = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    @property
    def reversible(self) -> bool:  # type: ignore[override]
        """Whether all of them can be undone."""
        return all(operation.reversible for operation in self.operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the state by all of them."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Do them one after the other."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Undo them, the last one first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what they are."""
        return f"{len(self.operations)} operations together"
