"""A list between its file and the real tables: taken in, read again, mapped, corrected, placed, given up."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids import clock
from grids.geometry import Fault
from grids.geometry.building import read_point
from grids.geometry_guard import to_geos
from grids.lists import cells as reading_cells
from grids.lists import remembering
from grids.lists.assessing import Assessment, assess
from grids.lists.guessing import columns_of, fingerprint, guess, private, remembered
from grids.lists.kinds import HOUSED, fields_of
from grids.lists.reading import Choices, Read, read
from grids.lists.reassessing import BY_ITSELF, assess_rows
from grids.lists.remembering import LONGEST, forget_recalled, recall
from grids.lists.saying import Unfit, gettext_noop, said
from grids.lists.tables import cell, shown
from grids.models import Building, ListFile, ListImport, ListMapping, ListRow, Person, Region
from grids.models.lists import ListState
from grids.models.people import Role
from grids.models.platform import JobState
from grids.problems import BadInput, Conflict, NotFound
from grids.scope import scope_of
from grids.shifts import CRS

MOST_OPEN = 30
_COPY = re.compile(r"(\s*[-_]?\s*(副本|copy)|\s*[(（]\d{1,3}[)）])+$", re.IGNORECASE)


def take_in(person: Person, region: Region, kind: str, file_name: str, data: bytes) -> ListImport:
    """Read a file and keep it as a list of a person's; raise one sentence, and keep nothing, if it holds none."""
    if ListImport.objects.filter(person=person, state=ListState.OPEN).count() >= MOST_OPEN:
        raise Conflict(
            _("You have %(most)s lists that are not finished: finish one or give it up first.") % {"most": MOST_OPEN}
        )
    found = read(data)
    stem = _COPY.sub("", PurePath(file_name).stem).strip() or _("list")
    listed = ListImport(person=person, region=region, kind=kind, name=_name(stem), file_name=_name(file_name, 120))
    with transaction.atomic():
        listed.save()
        ListFile.objects.create(list_import=listed, data=data)
        _fill(listed, found)
        _map(listed)
        recall(listed)
        assess(listed)
    return listed


def read_again(listed: ListImport, choices: Choices) -> None:
    """Read the file anew with another sheet, encoding or heading row; what was corrected and placed is lost."""
    with changing(listed):
        file = ListFile.objects.filter(list_import=listed).first()
        if file is None:
            raise Conflict(_("The file is kept no longer: bring it in again."))
        found = read(bytes(file.data), choices)
        listed.rows.all().delete()
        _fill(listed, found)
        _map(listed)
        recall(listed)
        assess(listed)


def set_columns(listed: ListImport, mapping: Mapping[str, int], options: Mapping[str, Any], name: str) -> Assessment:
    """Say what the columns mean and how coordinates are read; remembered for the next list with these headings."""
    known = fields_of(listed.kind)
    for field, index in mapping.items():
        if field not in known or not 0 <= index < len(listed.headings):
            raise BadInput(_("There is no such column."))
        if index in listed.reading.get("private", []):
            raise BadInput(_("The column “%(name)s” is not taken.") % {"name": listed.headings[index]})
    if len(set(mapping.values())) < len(mapping):
        raise BadInput(_("A column can mean one thing only."))
    if options.get("crs", "wgs84") not in CRS:
        raise BadInput(_("There is no such coordinate system."))
    if not name.strip():
        raise BadInput(_("The list needs a name."))
    with changing(listed):
        if dict(mapping) != listed.mapping:
            forget_recalled(listed)
            listed.mapping = dict(mapping)
            recall(listed)
        listed.options = {**listed.options, **options}
        listed.name = _name(name)
        listed.save(update_fields=["mapping", "options", "name"])
        _remember(listed)
        return assess(listed)


def correct(listed: ListImport, number: int, column: int, value: str, *, everywhere: bool) -> int:
    """Write another value into a cell, or into all cells of the column that say the same; return how many.

    It is remembered, and done again in the next list of this kind and region.
    """
    if column in listed.reading.get("private", []) or not 0 <= column < len(listed.headings):
        raise NotFound(_("There is no such column."))
    try:
        text = reading_cells.text(value, LONGEST)
    except Unfit as fault:
        raise BadInput(_(fault.sentence) % fault.shown) from fault
    with changing(listed):
        chosen = _row(listed, number)
        before = shown(cell(chosen.cells, column))
        rows = [chosen]
        if everywhere:
            every = listed.rows.only("list_import", "number", "cells", "corrected")
            rows = [row for row in every if shown(cell(row.cells, column)) == before]
        remembering.correct(listed, rows, column, text, everywhere=everywhere)
        ListRow.objects.bulk_update(rows, ["cells", "corrected"], batch_size=500)
        _look_again(listed, column, rows)
    return len(rows)


def uncorrect(listed: ListImport, number: int, column: int) -> int:
    """Give a corrected cell, and those corrected with it, what the file says, and forget it; return how many."""
    with changing(listed):
        rows = remembering.take_back(listed, _row(listed, number), column)
        _look_again(listed, column, rows)
    return len(rows)


def _look_again(listed: ListImport, column: int, rows: list[ListRow]) -> None:
    """Understand the rows of a corrected column anew, all of them where the column tells rows or places apart."""
    field = remembering.field_of(listed, column)
    if field in BY_ITSELF or not field:
        assess_rows(listed, {row.number for row in rows})
    else:
        assess(listed)


def pin(
    listed: ListImport, number: int, lon: object, lat: object, *, label: str = "", building: object = None
) -> ListRow:
    """Place a row by hand: at a point in WGS-84, or in a building."""
    try:
        point = read_point(lon, lat)
    except Fault as fault:
        raise BadInput(fault.text(_)) from fault
    placed: dict[str, Any] = {"by": "hand", "lon": point.x, "lat": point.y, "label": plain(label, 120)}
    if not listed.region.geom.covers(to_geos(point)):
        raise BadInput(_("This place lies outside %(region)s.") % {"region": listed.region.local_name})
    if listed.kind in HOUSED:
        inside = Building.objects.filter(region__code__startswith=listed.region.code)
        chosen = inside.filter(pk=building) if type(building) is int else None
        known = inside.filter(geom__covers=to_geos(point)) if chosen is None else chosen
        found = known.order_by("pk").first()
        if found is None:
            raise BadInput(_("No building stands here: choose one on the map."))
        placed["building"] = found.pk
    return _set_pin(listed, number, placed)


def leave_out(listed: ListImport, number: int, reason: str) -> ListRow:
    """Leave a row out, for a reason that is kept."""
    return _set_pin(listed, number, {"by": "skip", "reason": plain(reason, 200)})


def unpin(listed: ListImport, number: int) -> ListRow:
    """Take back how a row was placed, or that it was left out."""
    return _set_pin(listed, number, None)


def _set_pin(listed: ListImport, number: int, placed: dict[str, Any] | None) -> ListRow:
    with changing(listed):
        row = _row(listed, number)
        remembering.count_off(listed, bool((row.pin or {}).get("last")))
        row.pin = placed
        row.save(update_fields=["pin"])
        remembering.remember_place(listed, row, placed)
        assess_rows(listed, {number})
        return _row(listed, number)


def give_up(listed: ListImport) -> None:
    """Forget a list with its file and rows; what was brought in of it stays."""
    with changing(listed):
        listed.delete()


def reopen(listed: ListImport) -> ListImport:
    """Return a list to its owner whose job failed or was cancelled; nothing of it was written."""
    if listed.state == ListState.WRITING and (
        listed.job is None or listed.job.state in {JobState.FAILED, JobState.CANCELLED}
    ):
        ListImport.objects.filter(pk=listed.pk, state=ListState.WRITING).update(state=ListState.OPEN)
        listed.state = ListState.OPEN
    return listed


@contextmanager
def changing(listed: ListImport) -> Iterator[None]:
    """Hold a list while it is changed; raises Conflict when it is being brought in or was already."""
    with transaction.atomic():
        held = ListImport.objects.select_for_update().filter(pk=listed.pk).values_list("state", flat=True).first()
        if held != ListState.OPEN:
            raise Conflict(_("This list is being brought in, or was already: it can no longer be changed."))
        yield


def may_bring(person: Person, region: Region) -> bool:
    """Whether a person plans or administers a region today."""
    scope = scope_of(person)
    return any(scope.reaches(role, region.code) for role in (Role.PLANNER, Role.ADMIN))


def of_person(person: Person, identity: UUID) -> ListImport:
    """Return a list of a person's own; nobody else's can be seen."""
    listed = ListImport.objects.filter(person=person, pk=identity).select_related("region", "job", "person").first()
    if listed is None or not may_bring(person, listed.region):
        raise NotFound(_("There is no such list, or it was kept long enough and is gone."))
    return reopen(listed)


def _fill(listed: ListImport, found: Read) -> None:
    table = found.table
    columns = columns_of(table.headings, [row for _number, row in table.rows])
    hidden = private(columns, listed.kind)
    notes = list(table.notes)
    if hidden:
        names = ", ".join(table.headings[index] for index in hidden)
        notes.append(
            said(
                gettext_noop("Not taken, because it says things about people that are not kept: %(columns)s."),
                columns=names,
            )
        )
    listed.headings = table.headings
    listed.reading = {**found.facts, "notes": notes, "private": hidden}
    listed.save(update_fields=["headings", "reading"])
    ListRow.objects.bulk_create(
        (
            ListRow(
                list_import=listed,
                number=number,
                cells=[None if index in hidden else value for index, value in enumerate(row)],
                file_geom=to_geos(table.shapes[number]) if number in table.shapes else None,
            )
            for number, row in table.rows
        ),
        batch_size=1000,
    )


def _map(listed: ListImport) -> None:
    """Take the mapping that this person chose for these headings before, else guess one."""
    before = ListMapping.objects.filter(
        person=listed.person, kind=listed.kind, fingerprint=fingerprint(listed.headings)
    ).first()
    hidden = listed.reading["private"]
    rows = list(listed.rows.order_by("number").values_list("cells", flat=True)[:200])
    columns = [column for column in columns_of(listed.headings, rows) if column.index not in hidden]
    listed.mapping = guess(listed.kind, columns)
    listed.options = {}
    if before is not None:
        known = remembered(before.columns, listed.headings)
        listed.mapping = {name: index for name, index in known.items() if index not in hidden}
        options = dict(before.options)
        listed.name = _name(options.pop("name", listed.name))
        listed.options = {**options, "remembered": True}
    listed.save(update_fields=["mapping", "options", "name"])


def _remember(listed: ListImport) -> None:
    kept = {name: listed.options[name] for name in ("crs", "constants") if listed.options.get(name)}
    ListMapping.objects.update_or_create(
        person=listed.person,
        kind=listed.kind,
        fingerprint=fingerprint(listed.headings),
        defaults={
            "columns": {field: listed.headings[index] for field, index in listed.mapping.items()},
            "options": {**kept, "name": listed.name},
        },
    )


def _row(listed: ListImport, number: int) -> ListRow:
    row = listed.rows.filter(number=number).first()
    if row is None:
        raise NotFound(_("There is no such row."))
    return row


def plain(text: str, most: int) -> str:
    """Return one line of what can be kept of a text: no control characters, no halves of surrogate pairs."""
    line = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    return line[:most].strip()


def _name(text: str, most: int = 40) -> str:
    return plain(text, most) or _("list")


@clock.task("lists-old", timedelta(hours=1))
def forget() -> int:
    """Delete lists that were kept long enough, with their files and rows, and return how many."""
    return ListImport.objects.filter(expires_at__lt=timezone.now()).exclude(state=ListState.WRITING).delete()[0]
