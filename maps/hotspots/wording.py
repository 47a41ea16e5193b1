"""What a run and each of its places mean, in the reader's language: first what to do, then why, then the statistics."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grids.models import Category
from maps.hotspots.statistics.names import Emerging
from maps.models import HotspotCell, HotspotRun
from maps.models.hotspots import Unit
from patrols.models.reports import Source

# What to do about a place, for whoever offers a button for it.
WALK, CAUSE, CAMPAIGN, RHYTHM, KEEP, LEARN, NOTHING = (
    "walk",
    "cause",
    "campaign",
    "rhythm",
    "keep",
    "learn",
    "nothing",
)
ADVICE = (WALK, CAUSE, CAMPAIGN, RHYTHM, KEEP, LEARN, NOTHING)
_BY_EMERGING = {
    Emerging.INTENSIFYING: CAMPAIGN,
    Emerging.PERSISTENT: CAMPAIGN,
    Emerging.SPORADIC: RHYTHM,
    Emerging.DIMINISHING: KEEP,
    Emerging.HISTORICAL: KEEP,
}


def title(run: HotspotRun) -> str:
    """Return what a run is about: problems found, by whom, when, and whether corrected for walking."""
    source = str(Source(run.source).label) if run.source else _("all sources")
    parts = [
        _("Problems found (%(source)s)") % {"source": source},
        f"{date_format(run.since, 'DATE_FORMAT')} – {date_format(run.until, 'DATE_FORMAT')}",
    ]
    if run.source in ("", Source.PATROL):
        parts.append(_("corrected for how much was walked") if run.corrected else _("not corrected for walking"))
    return " · ".join(parts)


def headline(run: HotspotRun) -> str:
    """Return the one sentence that says what came of a finished run."""
    figures: dict[str, Any] = run.summary
    if not figures:
        return ""
    if not figures["tested"]:
        if figures["walked_km"] is not None:
            return _(
                "Nobody is known to have walked here in these days: whether more was found than elsewhere cannot be"
                " said. Ask for a run without the correction to see the counts."
            )
        return _("No households are known here: there is no rate to compare.")
    hot, lasting = figures["hot"], _lasting(figures)
    if not hot:
        return _("No place stands out: what was found in %(tested)s places may well be spread by chance.") % figures
    said = ngettext(
        "More is found in %(hot)s place than chance would explain.",
        "More is found in %(hot)s places than chance would explain.",
        hot,
    ) % {"hot": hot}
    if lasting:
        said += " " + ngettext(
            "In %(count)s place that has lasted for most of the weeks.",
            "In %(count)s places that has lasted for most of the weeks.",
            lasting,
        ) % {"count": lasting}
    return said


def notes(run: HotspotRun) -> list[str]:
    """Return what one should know before believing a finished run."""
    figures: dict[str, Any] = run.summary
    said: list[str] = []
    if not figures:
        return said
    if figures["walked_km"] is not None and figures["unknown"]:
        said.append(
            ngettext(
                "In %(count)s place nobody is known to have walked enough: it is unknown, not quiet.",
                "In %(count)s places nobody is known to have walked enough: they are unknown, not quiet.",
                figures["unknown"],
            )
            % {"count": figures["unknown"]}
        )
    if figures["tested"] and figures["few"]:
        said.append(_("So few places were compared that chance is hard to tell from more: take it as a hint."))
    if not figures["weeks_enough"]:
        said.append(_("How it came and went over time needs at least ten whole weeks."))
    if run.source in ("", Source.PATROL) and not run.corrected:
        said.append(_("Where patrols walk more, more is found: this is not corrected for it."))
    said.append(_("These are problems that were found and reported, not all that there are."))
    return said


def _lasting(figures: Mapping[str, Any]) -> int:
    known = figures["emerging"]
    return int(sum(known.get(one.value, 0) for one in (Emerging.PERSISTENT, Emerging.INTENSIFYING)))


def advice(cell: HotspotCell) -> str:
    """Return what to do about a place, as a word for programmes."""
    if not cell.tested:
        return NOTHING if cell.effort_known else WALK
    if cell.bin > 0:
        return _BY_EMERGING.get(Emerging(cell.emerging), CAUSE)
    if cell.bin < 0:
        return LEARN
    return KEEP if cell.emerging == Emerging.HISTORICAL else NOTHING


def reasons(run: HotspotRun, cell: HotspotCell, categories: Mapping[str, str]) -> list[str]:
    """Return the sentences about a place: what to do on Monday, what was found, how sure that is, the figures."""
    said = [_todo(cell, advice(cell))]
    if cell.bin > 0 and cell.category:
        values = {"category": categories.get(cell.category, cell.category), "part": cell.category_count}
        said.append(
            _("Look first for %(category)s: that is %(part)s of the %(count)s found.") % {**values, "count": cell.count}
        )
    said.append(_found(run, cell))
    if cell.tested:
        said.append(_sure(cell))
    if cell.emerging in _OVER_TIME:
        said.append(_OVER_TIME[Emerging(cell.emerging)]())
    if cell.z is not None and cell.p is not None and cell.q is not None:
        said.append(f"Gi* z = {cell.z:.2f}, p = {_chance(cell.p)}, q = {_chance(cell.q)}")
    return said


def _chance(value: float) -> str:
    return f"{value:.1e}" if value < 0.0001 else f"{value:.4f}"


def _todo(cell: HotspotCell, what: str) -> str:
    if what == WALK:
        if cell.count:
            return _("Send a patrol on Monday: something was found here where nobody is known to have walked enough.")
        return _("Send a patrol when there is time: nobody is known to have walked here, so it need not be quiet.")
    if not cell.tested:
        return _("Nothing can be said: no households are known here.")
    return {
        CAUSE: lambda: _("Go there on Monday and look for the cause, then plan patrols for the next two weeks."),
        CAMPAIGN: lambda: _("Plan a campaign or a lasting measure: clearing up once has not held here."),
        RHYTHM: lambda: _("Find out on which days it comes back, such as market days, and patrol on those."),
        KEEP: lambda: _("Keep doing what is done here: it is getting less. Look again in four weeks."),
        LEARN: lambda: _("No further patrol is needed: less is found here than elsewhere. Ask what goes well."),
        NOTHING: lambda: _("Nothing beyond the usual rounds: what is found here is as elsewhere."),
    }[what]()


def _found(run: HotspotRun, cell: HotspotCell) -> str:
    values = {"count": cell.count, "expected": f"{cell.expected or 0:.1f}", "ratio": f"{cell.ratio or 0:.1f}"}
    if not cell.tested:
        return _("Found: %(count)s. How much that is cannot be said.") % values
    if cell.walked_m is not None:
        values["km"] = f"{cell.walked_m / 1000:.1f}"
        return (
            _(
                "Found: %(count)s; for the %(km)s km of street walked here %(expected)s would be usual, so that it is"
                " %(ratio)s times as much."
            )
            % values
        )
    if cell.households is not None and run.unit == Unit.GRIDS:
        values["households"] = cell.households
        return (
            _(
                "Found: %(count)s; for the %(households)s households here %(expected)s would be usual, so that it is"
                " %(ratio)s times as much."
            )
            % values
        )
    return _("Found: %(count)s; %(expected)s in a place of this region on average.") % values


def _sure(cell: HotspotCell) -> str:
    if cell.bin == 0:
        return _("With its neighbours this is not more than chance would explain.")
    values = {"wrong": {1: 10, 2: 5, 3: 1}[abs(cell.bin)]}
    if cell.bin > 0:
        return (
            _("With its neighbours this is more than chance would explain, with %(wrong)s in 100 false alarms.")
            % values
        )
    return _("With its neighbours this is less than chance would explain, with %(wrong)s in 100 false alarms.") % values


_OVER_TIME = {
    Emerging.NEW: lambda: _("New: it stands out in the last week for the first time."),
    Emerging.CONSECUTIVE: lambda: _(
        "Consecutive: it has stood out in the last weeks without a break, and never before."
    ),
    Emerging.INTENSIFYING: lambda: _("Intensifying: it stands out in nine weeks of ten, more and more."),
    Emerging.PERSISTENT: lambda: _("Persistent: it stands out in nine weeks of ten, neither more nor less over time."),
    Emerging.DIMINISHING: lambda: _("Diminishing: it stands out in nine weeks of ten, less and less."),
    Emerging.SPORADIC: lambda: _("Sporadic: it stands out in the last week, and did now and then before."),
    Emerging.HISTORICAL: lambda: _("Historical: it stood out in nine weeks of ten, but not in the last one."),
}


def category_names(codes: Iterable[str]) -> dict[str, str]:
    """Return what categories are called in the reader's language, by code, the newest edition first."""
    rows = Category.objects.filter(code__in=sorted(set(codes))).order_by("active", "pk")
    return {row.code: row.local_name for row in rows}
