"""Which tables keep their history, and in which form.

The database itself writes an event for every row that is inserted, changed or deleted, by triggers: bulk writes, raw
SQL and changes by hand are recorded like those of a page. An event repeats the row as it was after the change (before
a deletion), so what was before is the event before. Statement-level triggers write the events of one statement at
once. How to reach a person, their password and their last visit are not repeated: history cannot be rewritten, so
what has to be erased some day must not stand in it. That they changed is recorded.
"""

import pghistory
import pgtrigger
from django.db import models

from grids.models.areas import Designation, Zone
from grids.models.calendar import WorkingDay
from grids.models.catalogue import Category, Checklist, CheckpointType, Criterion
from grids.models.grid import Grid
from grids.models.people import (
    Assignment,
    Availability,
    Honour,
    Membership,
    Organisation,
    Pairing,
    Person,
    Skill,
    Team,
)
from grids.models.places import Building, Place, Region, Stairwell, Street
from grids.models.plant import Asset, Checkpoint, ServicePoint

CONTACT = ("email", "phone")
SECRET = (*CONTACT, "password", "last_login", "language", "quiet_from", "quiet_until", "is_staff", "is_superuser")
PLACES = (Region, Street, Building, Stairwell, Place, Grid, Checkpoint, Asset, ServicePoint, Zone, Designation)
PEOPLE = (Organisation, Team, Membership, Assignment, Pairing, Honour, Skill, Availability)
CATALOGUE = (Category, CheckpointType, Checklist, Criterion, WorkingDay)


def _changes() -> tuple[pghistory.RowEvent, ...]:
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()


def keep(model: type[models.Model], *trackers: pghistory.RowEvent, exclude: tuple[str, ...] = ()) -> None:
    """Let the database keep a table's history; the migration that makes it begins it with `BeginHistory`."""
    name = model.__name__.lower()
    pghistory.track(
        *_changes(),
        *trackers,
        exclude=list(exclude),
        level=pghistory.Statement,
        obj_field=pghistory.ObjForeignKey(related_name="history", related_query_name="history", db_index=True),
        # In the event itself, so that nothing outside of it can be changed to say something else.
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type] # None is what its documentation says
        attrs={"pgh_id": models.BigAutoField(primary_key=True)},
        meta={
            "verbose_name": model._meta.verbose_name,
            "verbose_name_plural": model._meta.verbose_name_plural,
            "indexes": [models.Index(fields=["pgh_created_at"], name=f"{name}_history_at")],
        },
    )(model)


for _model in (*PLACES, *PEOPLE, *CATALOGUE):
    keep(_model)
keep(
    Person,
    pghistory.UpdateEvent("contact", condition=pgtrigger.AnyChange(*CONTACT)),
    pghistory.UpdateEvent("password", condition=pgtrigger.AnyChange("password")),
    exclude=SECRET,
)
