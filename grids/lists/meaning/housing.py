"""Stairwells and numbers of households: rows that belong to a building which the map has already."""

from collections.abc import Callable, Sequence
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from grids.lists.changes import assign, compare, owners_of, stored, wkb
from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.identity import hashed, refuse_doubles
from grids.lists.lookups import bare
from grids.lists.owning import own
from grids.lists.saying import gettext_noop
from grids.models import Building, Stairwell
from grids.models.lists import Fate


def understand_stairwells(drafts: Sequence[Draft], context: Context) -> None:
    """Find each row's building, its steward, and the stairwell that it is already."""
    _house(drafts, context)
    known: dict[int, Stairwell] = {}
    for draft in drafts:
        building = draft.wanted.get("building_id")
        found = context.buildings.stairwells[building].get(bare(draft.text("label"))) if building else None
        if found is not None:
            draft.target, known[draft.number] = found.pk, found
        draft.source_id = draft.text("key") or hashed(*map(draft.text, ("estate", "building", "label", "community")))
    own(drafts, context)
    owners = owners_of("stairwell", [row.pk for row in known.values()], context.today)
    for draft in drafts:
        if draft.text("label"):
            draft.wanted["label"] = draft.text("label")
        if "households" in draft.said:
            draft.wanted["households"] = draft.said["households"]
        found = known.get(draft.number)
        current: dict[str, Any] | None = None
        if found is not None:
            draft.wanted.pop("label", None)
            current = {"building_id": found.building_id, "households": found.households, "owner": owners.get(found.pk)}
        elif draft.geom is not None:
            draft.wanted["geom"] = wkb(draft.geom)
        compare(draft, current)
    sentence = gettext_noop("The same stairwell stands in row %(row)s.")

    def key(draft: Draft) -> tuple[object, str] | None:
        building = draft.wanted.get("building_id")
        return (building, bare(draft.text("label"))) if building else None

    refuse_doubles(drafts, key, "label", sentence)


def understand_households(drafts: Sequence[Draft], context: Context) -> None:
    """Find the building or stairwell whose number of households each row says."""
    _house(drafts, context)
    for draft in drafts:
        building = draft.wanted.pop("building_id", None)
        if "households" in draft.said:
            draft.wanted["households"] = draft.said["households"]
        if building is None:
            continue
        draft.target = building
        draft.source_id = f"building:{building}"
        current = context.buildings.rows[building].households
        if draft.text("label"):
            stairwell = context.buildings.stairwells[building].get(bare(draft.text("label")))
            if stairwell is None:
                draft.refuse(
                    "label", gettext_noop("This building has no stairwell of this name: bring in the stairwells first.")
                )
                continue
            draft.target, draft.source_id, current = stairwell.pk, f"stairwell:{stairwell.pk}", stairwell.households
        compare(draft, {"households": current})
    sentence = gettext_noop("The same building or stairwell stands in row %(row)s.")
    refuse_doubles(drafts, lambda draft: draft.source_id or None, "building", sentence)


def _house(drafts: Sequence[Draft], context: Context) -> None:
    """Set each row's building; where none or several fit, the row has to be placed by hand."""
    pins = {draft.number: draft.pin["building"] for draft in drafts if draft.pin and "building" in draft.pin}
    context.buildings.bring(pins.values())
    for draft in drafts:
        pinned = pins.get(draft.number)
        if pinned in context.buildings.rows:
            _settle(draft, context.buildings.rows[pinned])
            continue
        name = draft.text("building")
        if not name:
            continue
        region = context.regions.find(draft.text("community")) if draft.text("community") else None
        found = context.buildings.find(draft.text("estate"), name, region.code if region else "")
        if len(found) == 1:
            _settle(draft, found[0])
            continue
        draft.needs_place = True
        if found:
            draft.note("building", gettext_noop("%(count)s buildings have this name: choose one."), count=len(found))
        else:
            draft.note("building", gettext_noop("No building of this name is known here."))
    context.buildings.bring_stairwells(draft.wanted["building_id"] for draft in drafts if "building_id" in draft.wanted)


def _settle(draft: Draft, building: Building) -> None:
    draft.wanted["building_id"] = building.pk
    draft.region_code = building.region.code if building.region else ""
    # A stairwell is chosen, never taken from a position: its door is drawn on the building.
    draft.geom = shapely.Point(stored(building.geom).representative_point())


def write_stairwells(drafts: Sequence[Draft], context: Context, step: Callable[[str, float], None]) -> None:
    """Create the new stairwells, change the changed ones, and give them their stewards."""
    step(_("Stairwells"), 0.1)
    new = [draft for draft in drafts if draft.fate == Fate.NEW]
    rows = [
        Stairwell(
            source=context.listed.source,
            source_id=draft.source_id,
            building_id=draft.wanted["building_id"],
            label=draft.wanted["label"],
            households=draft.wanted.get("households"),
            geom=_point(draft.wanted["geom"]),
        )
        for draft in new
    ]
    for draft, row in zip(new, Stairwell.objects.bulk_create(rows), strict=True):
        draft.target = row.pk
    for draft in drafts:
        if draft.target and draft.fate == Fate.CHANGED and "households" in (draft.before or {}):
            Stairwell.objects.filter(pk=draft.target).update(households=draft.wanted["households"])
    _add_up({draft.wanted["building_id"] for draft in drafts if draft.fate != Fate.UNCHANGED})
    step(_("Owners"), 0.85)
    owners = {
        draft.target: draft.wanted["owner"]
        for draft in drafts
        if draft.target and "owner" in draft.wanted and (draft.fate == Fate.NEW or "owner" in (draft.before or {}))
    }
    assign("stairwell", owners, context.today)


def write_households(drafts: Sequence[Draft], context: Context, step: Callable[[str, float], None]) -> None:
    """Write the numbers to buildings and stairwells; a building all of whose stairwells are known is their sum."""
    touched: set[int] = set()
    for count, draft in enumerate(drafts):
        step(_("%(done)s of %(all)s numbers") % {"done": count, "all": len(drafts)}, 0.9 * count / len(drafts))
        if draft.fate != Fate.CHANGED or draft.target is None:
            continue
        if draft.source_id.startswith("stairwell:"):
            stairwells = Stairwell.objects.filter(pk=draft.target)
            stairwells.update(households=draft.wanted["households"])
            touched |= set(stairwells.values_list("building_id", flat=True))
        else:
            Building.objects.filter(pk=draft.target).update(households=draft.wanted["households"])
    _add_up(touched)


def _point(wkb_hex: str) -> Point:
    point = GEOSGeometry(wkb_hex, srid=4326)
    assert isinstance(point, Point)
    return point


def _add_up(buildings: set[int]) -> None:
    totals = (
        Building.objects.filter(pk__in=buildings)
        .annotate(known=Count("stairwells", filter=Q(stairwells__households__isnull=False)))
        .annotate(all=Count("stairwells"), total=Sum("stairwells__households"))
        .filter(known=F("all"), total__isnull=False)
    )
    for pk, total in totals.values_list("pk", "total"):
        Building.objects.filter(pk=pk).update(households=total)
