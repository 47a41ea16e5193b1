"""Editing a proposal, one at a time: whoever edits says which version they saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import shapely
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids import clock
from grids.geometry_guard import check_geojson, only
from grids.models import SplitEdit, SplitRun
from grids.models.splits import SplitState
from grids.problems import BadInput, Conflict, NotFound
from grids.reach import lies_within, managed
from grids.scope import Scope
from grids.splits.ground import Ground
from grids.splits.remeasuring import Change, remeasured
from grids.splits.storing import load, swap, write
from grids.splitting import editing
from grids.splitting.detours import led_round
from grids.splitting.plan import EditError, Plan, Point
from grids.splitting.redrawing import redraw

KEPT = timedelta(days=30)
MOST_VERTICES = 500
VERBS = ("merge", "move", "redraw", "drag")
SENTENCES: dict[str, str | Promise] = {
    "no_such_grid": gettext_lazy("There is no grid %(grid)s in this proposal."),
    "no_such_block": gettext_lazy("There is no block %(block)s in this proposal."),
    "same_grid": gettext_lazy("It is in this grid already."),
    "other_kind": gettext_lazy("Service grids and unit grids cannot be mixed in one edit."),
    "other_parent": gettext_lazy("Grids %(one)s and %(two)s are in different service grids: move one of them first."),
    "no_neighbours": gettext_lazy("Grids %(one)s and %(two)s have no border in common."),
    "block_not_beside": gettext_lazy("This block does not lie beside grid %(grid)s."),
    "grid_vanishes": gettext_lazy("Grid %(grid)s would have nothing left: merge it instead."),
    "grid_falls_apart": gettext_lazy("Grid %(grid)s would fall into pieces."),
    "line_changes_nothing": gettext_lazy(
        "The line changes nothing: draw it from border to border, through one of the two grids."
    ),
    "line_crosses_itself": gettext_lazy("The line crosses itself."),
    "line_breaks_cover": gettext_lazy("The line runs too close to another border: draw it a little further away."),
    "cuts_buildings": gettext_lazy("A border cannot run through a building; here it would cut %(count)s."),
    "no_vertex": gettext_lazy("There is no vertex at this place."),
    "vertex_on_boundary": gettext_lazy("The boundary of the community stays where it is."),
    "vertex_too_far": gettext_lazy("So far the vertex cannot go: it would lie beyond the grids around it."),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be done: a verb and its parameters as JSON. Keys name grids and blocks; places are lon and lat."""

    verb: str
    parameters: Mapping[str, Any]


def visible(scope: Scope) -> QuerySet[SplitRun]:
    """Return the proposals of the regions in which somebody plans."""
    return SplitRun.objects.filter(lies_within(managed(scope), "region__code"))


def edit(scope: Scope, identity: int, version: int, wanted: Edit) -> SplitRun:
    """Edit a proposal by hand.

    Raises NotFound out of scope, Conflict when it is another version by now, BadInput with the reason why the edit
    cannot be.
    """
    with transaction.atomic():
        run = held(scope, identity, version)
        before = load(run)
        try:
            plan = _work(wanted.verb)(before.plan, wanted.parameters, Ground(run.region))
        except EditError as refusal:
            raise BadInput(said(refusal)) from refusal
        assert run.head is not None
        found = remeasured(Change(before.plan, plan, run.region, run.parameters), run.head)
        step = SplitEdit(
            verb=wanted.verb,
            parameters=dict(wanted.parameters),
            quality=found.figures,
            tallies=found.tallies,
            made_by=scope.person,
        )
        write(run, before, plan, step)
        return _advanced(run)


def undo(scope: Scope, identity: int, version: int) -> SplitRun:
    """Take the last edit back; raises Conflict when there is none."""
    with transaction.atomic():
        run = held(scope, identity, version)
        assert run.head is not None
        if run.head.parent is None:
            raise Conflict(_("There is nothing to undo."))
        swap(run.head, back=True)
        run.head = run.head.parent
        return _advanced(run)


def redo(scope: Scope, identity: int, version: int) -> SplitRun:
    """Do again what was undone last; raises Conflict when nothing was, or something else was done since."""
    with transaction.atomic():
        run = held(scope, identity, version)
        following = next_of(run)
        if following is None:
            raise Conflict(_("There is nothing to do again."))
        swap(following, back=False)
        run.head = following
        return _advanced(run)


def next_of(run: SplitRun) -> SplitEdit | None:
    """Return the edit that redoing would do."""
    return SplitEdit.objects.filter(run=run, parent=run.head).order_by("-pk").first()


def discard(scope: Scope, identity: int, version: int) -> None:
    """Delete a proposal."""
    with transaction.atomic():
        held(scope, identity, version).delete()


def held(scope: Scope | None, identity: int, version: int | None = None) -> SplitRun:
    """Return a proposal that somebody may change, locked; raises NotFound, and Conflict for another version.

    Without a scope whoever runs the server asks.
    """
    rows = SplitRun.objects.all() if scope is None else visible(scope)
    locked = SplitRun.objects.select_for_update(of=("self",)).filter(pk__in=rows.filter(pk=identity).values("pk"))
    run = locked.select_related("region", "head__parent").first()
    if run is None:
        raise NotFound(_("There is no such proposal here."))
    if run.state != SplitState.PROPOSED:
        raise Conflict(_("This proposal was accepted: it cannot be changed any more."))
    if version is not None and run.version != version:
        raise Conflict(_("Somebody changed this proposal meanwhile: look at it again."), version=run.version)
    return run


def said(refusal: EditError) -> str:
    """Return the sentence for an edit that cannot be."""
    values = dict(refusal.values)
    if isinstance(values.get("buildings"), list):
        values["count"] = len(values["buildings"])  # type: ignore[arg-type]
    return str(SENTENCES[refusal.code]) % values


@clock.task("splits-old", timedelta(hours=1))
def forget() -> int:
    """Delete proposals that nobody accepted or changed for 30 days, and return how many."""
    old = SplitRun.objects.filter(state=SplitState.PROPOSED, changed_at__lt=timezone.now() - KEPT)
    return old.delete()[1].get("grids.SplitRun", 0)


def _advanced(run: SplitRun) -> SplitRun:
    run.version += 1
    run.save(update_fields=["version", "head", "changed_at"])
    return run


def _work(verb: str) -> Callable[[Plan, Mapping[str, Any], Ground], Plan]:
    works = {"merge": _merge, "move": _move, "redraw": _redraw, "drag": _drag}
    if verb not in works:
        raise BadInput(_("There is no such edit."))
    return works[verb]


def _merge(plan: Plan, given: Mapping[str, Any], _ground: Ground) -> Plan:
    return editing.merge(plan, _number(given, "one"), _number(given, "two"))


def _move(plan: Plan, given: Mapping[str, Any], _ground: Ground) -> Plan:
    if "unit" in given:
        return editing.move_unit(plan, _number(given, "unit"), _number(given, "to"))
    return editing.move_block(plan, _number(given, "block"), _number(given, "to"))


def _redraw(plan: Plan, given: Mapping[str, Any], ground: Ground) -> Plan:
    line = check_geojson(given.get("line"), replace(only("LineString"), vertices=MOST_VERTICES))
    one, two = _number(given, "one"), _number(given, "two")
    blocks = [*plan.members(one), *plan.members(two)]
    stock = ground.standing(house for block in blocks for house in block.buildings)
    points: list[Point] = [(x, y) for x, y in shapely.get_coordinates(line).tolist()]
    points = led_round(points, [house.polygon for house in stock.values()])
    return redraw(plan, one, two, points, stock)


def _drag(plan: Plan, given: Mapping[str, Any], ground: Ground) -> Plan:
    vertex, place = _place(given, "vertex"), _place(given, "place")
    stock = ground.standing(house for block in editing.blocks_at(plan, vertex) for house in block.buildings)
    return editing.drag(plan, vertex, place, stock)


def _number(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(_("The edit needs the key “%(name)s”.") % {"name": name})
    return value


def _place(given: Mapping[str, Any], name: str) -> Point:
    point = check_geojson({"type": "Point", "coordinates": given.get(name)}, only("Point"))
    return point.x, point.y
