"""Every index is in the database as its model declares it: partial where that says so."""

import pytest
from django.apps import apps
from django.db import connection


@pytest.mark.django_db
def test_an_index_with_a_condition_is_partial() -> None:
    """Django leaves out the condition of a GistIndex on a single field of geometry: such a one is for `F("field")`."""
    partial = {
        index.name
        for model in apps.get_models()
        for index in (*model._meta.indexes, *model._meta.constraints)
        if getattr(index, "condition", None) is not None and getattr(index, "fields", None) is not None
    }
    with connection.cursor() as cursor:
        cursor.execute("select indexname from pg_indexes where indexname = any(%s)", [sorted(partial)])
        known = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "select indexname from pg_indexes where indexname = any(%s) and indexdef not like '%% WHERE %%'",
            [sorted(partial)],
        )
        whole = {name for (name,) in cursor.fetchall()}
    assert "report_open_anchor" in known
    assert not whole
