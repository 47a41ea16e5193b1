"""What became hot, stayed so or ceased between two runs over the same places."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from grids.problems import BadInput, Conflict
from maps.models import HotspotCell, HotspotRun
from maps.models.hotspots import Unit

BECAME, STAYED, CEASED = "became", "stayed", "ceased"
CHANGES = (BECAME, STAYED, CEASED)
MOST = 1_000


@dataclass(frozen=True)
class Change:
    """A place that is or was hot, as the later and the earlier run have it; None where that run has no such place."""

    change: str
    later: HotspotCell | None
    earlier: HotspotCell | None

    @property
    def one(self) -> HotspotCell:
        """The place as the later run has it, or else the earlier one."""
        shown = self.later or self.earlier
        assert shown is not None
        return shown


@dataclass(frozen=True)
class Comparison:
    """Two runs, the earlier one first, and the places that differ or stayed hot, the hottest first."""

    before: HotspotRun
    after: HotspotRun
    changes: list[Change]


def compare(one: HotspotRun, other: HotspotRun) -> Comparison:
    """Compare two finished runs, whichever comes first; raises BadInput unless both are over the same kind of places.

    Hot is what has a class of 1 or more. Of a place that the later run does not know or did not test, hot before, one
    cannot say that it ceased: it is left out.
    """
    if not (one.finished_at and other.finished_at):
        raise Conflict(_("Both runs must be finished to be compared."))
    if (one.unit, one.resolution) != (other.unit, other.resolution):
        raise BadInput(_("Only runs over the same kind of places can be compared: hexagons of one size, or grids."))
    before, after = sorted((one, other), key=lambda run: (run.until, run.since, run.pk))
    column = "cell" if one.unit == Unit.CELLS else "grid_code"
    hot = HotspotCell.objects.filter(run__in=[before, after], bin__gt=0)
    keys = set(hot.order_by("rank").values_list(column, flat=True)[: 2 * MOST])
    rows = HotspotCell.objects.filter(run__in=[before, after], **{f"{column}__in": keys}).defer("weekly")
    found: dict[object, dict[object, HotspotCell]] = {}
    for row in rows.order_by("rank"):
        found.setdefault(getattr(row, column), {})[row.run_id] = row
    changes = [_change(pair.get(before.pk), pair.get(after.pk)) for pair in found.values()]
    told = [change for change in changes if change]
    told.sort(key=lambda change: (CHANGES.index(change.change), change.one.rank))
    return Comparison(before, after, told[:MOST])


def _change(earlier: HotspotCell | None, later: HotspotCell | None) -> Change | None:
    was, now = bool(earlier and earlier.bin > 0), bool(later and later.bin > 0)
    if now:
        return Change(STAYED if was else BECAME, later, earlier)
    return Change(CEASED, later, earlier) if later and later.tested else None
