"""Computing a proposal as a job: a community is read, split, and the outcome stored at once or not at all."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids import jobs, split_words
from grids.models import Job, Person, Region
from grids.models.grid import GridKind
from grids.models.splits import SplitSource
from grids.problems import BadInput, NotAllowed
from grids.reach import manages
from grids.splits.ground import Ground
from grids.splits.planning import MOST_GRIDS
from grids.splits.quality import measured, problem_of
from grids.splits.sources import plan_of
from grids.splits.storing import Draft, store
from grids.splitting import BARRIERS, UNIT_AREA, Proposal, Remark, SplitError, split
from grids.splitting.plan import Patch, Plan, metres

# What of the whole the splitter itself takes; the rest is reading, fitting the blocks and storing.
READ, SPLIT = 0.05, 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a planner asks for: exactly one of households (a grid) and number (of grids), and how borders weigh.

    In the mode `nested` service grids consist of unit grids of about an area in square metres.
    """

    households: int | None = None
    number: int | None = None
    barriers: tuple[str, ...] = tuple(sorted(BARRIERS))
    setting: float = 0.5
    seed: int = 0
    mode: str = "service"
    unit_area: float = UNIT_AREA

    def parameters(self) -> dict[str, Any]:
        """Return it as JSON."""
        below = {"unit_area": self.unit_area} if self.mode == "nested" else {}
        return {
            "mode": self.mode,
            **below,
            "households": self.households,
            "number": self.number,
            "barriers": list(self.barriers),
            "setting": self.setting,
            "seed": self.seed,
        }


def start(person: Person, region: Region, wish: Wish) -> Job:
    """Start computing a proposal; raises BadInput unless exactly one of households and number is given.

    So it does where unit grids would be more than a community has codes for.
    """
    _refuse_too_many(Ground(region), wish.parameters())
    if (wish.households is None) == (wish.number is None):
        raise BadInput(_("Give either the households of a grid or the number of grids."))
    return jobs.start("split", person, district=region.code[:6], region=region.code, **wish.parameters())


@jobs.job("split", title=gettext_lazy("Splitting a community into grids"), once=True)
def work(run: jobs.Run, *, region: str, **parameters: Any) -> dict[str, Any]:
    """Compute and store a proposal; the result names it."""
    if not manages(run.scope, region):
        raise NotAllowed(_("Grids are made by the planners and administrators of the region."))
    run.step(_("Reading streets and buildings"), 0.0)
    community = Region.objects.current().get(code=region)
    draft = computed(community, parameters, run.person, lambda text, share: run.step(text, share))
    made = store(draft)
    quality = draft.quality
    words = _("%(region)s: %(grids)s grids, %(households)s households in the middle")
    if "units" in quality:
        words = _("%(region)s: %(grids)s grids of %(units)s unit grids, %(households)s households in the middle")
    summary = words % {
        "region": community.local_name,
        "grids": quality["grids"],
        "units": quality.get("units", {}).get("grids"),
        "households": round(quality["households"]["median"]),
    }
    return {"split": made.pk, "summary": summary, "url": f"/planner/split/?community={region}&split={made.pk}"}


def computed(region: Region, parameters: Mapping[str, Any], person: Person | None, tell: Any = None) -> Draft:
    """Return a computed proposal that is not stored yet; raises BadInput for what cannot be split."""

    def progress(step: str, share: float) -> None:
        if tell:
            tell(split_words.step(step), READ + SPLIT * share)

    ground = Ground(region)
    _refuse_too_many(ground, parameters)
    try:
        proposal = split(problem_of(ground, parameters), progress)
    except SplitError as error:
        raise BadInput(split_words.refusal(error)) from error
    if tell:
        tell(_("Fitting the blocks"), READ + SPLIT)
    plan = planned(proposal, ground)
    told = measured(plan, ground, parameters)
    return Draft(
        region=region,
        source=SplitSource.SPLIT,
        plan=plan,
        quality=told.figures,
        tallies=told.tallies,
        parameters=dict(parameters),
        # What barriers lie inside of grids changes with every edit: that is told from the figures.
        remarks=[_remark(said, ground) for said in proposal.remarks if not said.code.startswith("barrier_inside")],
        person=person,
    )


def planned(proposal: Proposal, ground: Ground) -> Plan:
    """Return a proposal as blocks and grids; what the splitter moved as one, cut at its borders, are the blocks."""
    patches = {grid.number: Patch(grid.number, grid.number, GridKind.SERVICE) for grid in proposal.grids}
    first = len(patches)
    for unit in proposal.units:
        patches[first + unit.number] = Patch(first + unit.number, unit.number, GridKind.UNIT, unit.parent)
    areas = [(first + unit.number, unit.polygon) for unit in proposal.units]
    areas = areas or [(grid.number, grid.polygon) for grid in proposal.grids]
    edges = shapely.get_parts(shapely.boundary([atom.polygon for atom in proposal.atoms]))
    return plan_of(patches, areas, ground, list(edges))


def _refuse_too_many(ground: Ground, parameters: Mapping[str, Any]) -> None:
    if parameters.get("mode") != "nested":
        return
    scale = math.prod(metres(ground.boundary.centroid.y))
    least = shapely.area(ground.boundary) * scale / MOST_GRIDS
    if parameters["unit_area"] < least:
        raise BadInput(
            _("A community has codes for %(most)s unit grids: here each must have at least %(least)s m².")
            % {"most": MOST_GRIDS, "least": 1000 * math.ceil(least / 1000)}
        )


def _remark(said: Remark, ground: Ground) -> dict[str, Any]:
    """Return a remark as JSON; buildings, which the splitter counts, by their ids."""
    values = dict(said.values)
    if isinstance(values.get("houses"), list):
        ids = list(ground.houses)
        values["houses"] = [ids[int(index)] for index in values["houses"]]  # type: ignore[attr-defined]
    return {"code": said.code, "values": values}
