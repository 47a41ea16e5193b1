"""What the tables need to lie on several servers: read from the models, so that the list is true."""

from io import StringIO

from django.core.management import call_command

from maps.site.distribution import tables


def test_what_carries_a_district_is_distributed_and_the_rest_is_not() -> None:
    found = {table.name: table for table in tables()}
    assert found["patrols_report"].distributed
    assert not found["grids_region"].distributed
    assert len(found) == len(tables())


def test_keys_without_the_district_are_named() -> None:
    found = {table.name: table for table in tables()}
    report = found["patrols_report"]
    assert report.unique == ["id", "source, outside_number"]
    assert "duplicate_of_id → patrols_report" in report.foreign
    # What keeps two rows from overlapping is a key as well.
    assert "person_id, during" in found["patrols_turn"].unique
    # Its primary key has the district already.
    assert found["patrols_event"].unique == []
    assert found["patrols_event"].foreign == ["report_id → patrols_report"]
    assert found["patrols_photo"].foreign == ["report_id → patrols_report"]


def test_a_child_without_a_district_is_named() -> None:
    assert "sheet_id → patrols_sheet" in {table.name: table for table in tables()}["patrols_sheetitem"].blocking


def test_the_command_prints_every_table() -> None:
    out = StringIO()
    call_command("distribution", stdout=out)
    assert [table.name for table in tables() if f"| {table.name} |" not in out.getvalue()] == []
