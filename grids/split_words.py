"""What the splitter has to say, in the reader's language: one sentence for each code of an error or a remark."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grids.models.places import StreetKind
from grids.places_import.vocabulary import STREETS
from grids.splitting import Remark, SplitError

# How many barriers left inside of grids are told one by one.
MOST_TOLD = 6
# With this share of the target a part could be a grid of its own.
LEAST_LOAD = 0.9
_REPAIRED = "repaired_"
_BARRIERS = {"barrier_inside", "barrier_inside_unit"}


def refusal(error: SplitError) -> str:
    """Return why an area cannot be split."""
    return _errors()[error.code] % error.values


def remark(said: Remark) -> str:
    """Return what a planner should know about a proposal; the code itself of one that is not known."""
    values = said.values
    if said.code in _BARRIERS:
        return _barrier(values, unit=said.code != "barrier_inside")
    if said.code.startswith(_REPAIRED):
        return _repaired(said.code, [said])
    count = values.get("count", 1)
    texts = _remarks(count if isinstance(count, int) else 1)
    return texts[said.code] % values if said.code in texts else said.code


def told(remarks: Iterable[Remark]) -> list[str]:
    """Return remarks as sentences to be read one after the other.

    Repairs of one kind are one sentence; of barriers left inside the longest are told, and how many more there are.
    """
    sentences: list[str] = []
    repairs: dict[str, list[Remark]] = {}
    barriers: dict[str, list[Remark]] = {}
    for said in remarks:
        if said.code.startswith(_REPAIRED):
            repairs.setdefault(said.code, []).append(said)
        elif said.code in _BARRIERS:
            barriers.setdefault(said.code, []).append(said)
        else:
            sentences.append(remark(said))
    sentences += [_repaired(code, found) for code, found in repairs.items()]
    for found in barriers.values():
        longest = sorted(found, key=lambda said: -_number(said.values.get("metres")))
        sentences += [remark(said) for said in longest[:MOST_TOLD]]
        if len(longest) > MOST_TOLD:
            sentences.append(_more(len(longest) - MOST_TOLD))
    return sentences


def step(code: str) -> str:
    """Return what the splitter is doing."""
    return _steps().get(code, code)


def _errors() -> dict[str, str]:
    return {
        "boundary_empty": _("The boundary is no area."),
        "households_or_number": _("Give either the households of a grid or the number of grids."),
        "not_positive": _("%(name)s is %(value)s: it must be at least 1."),
        "setting_range": _("The setting is %(value)s: it must be from 0 (compact) to 1 (along barriers)."),
        "unit_area_small": _("A unit grid of %(value)s m² is too small: it must have at least %(least)s."),
        "fewer_than_parts": _("The boundary has %(parts)s separate parts; %(number)s grids are too few."),
        "more_than_atoms": _(
            "There are only %(atoms)s blocks between streets and buildings; %(number)s grids are too many."
        ),
    }


def _remarks(count: int) -> dict[str, str]:
    return {
        "crosses_boundary": ngettext(
            "%(count)s building stands across the outer boundary, which cuts it.",
            "%(count)s buildings stand across the outer boundary, which cuts them.",
            count,
        ),
        "empty": _("There are no households inside the boundary: grids are made by area."),
        "island": _(
            "A separate part of the boundary has only %(households)s households; a grid should have %(target)s."
        ),
        "tower": _("Buildings that cannot be divided have %(households)s households; a grid should have %(target)s."),
        "uneven": _(
            "%(total)s households do not divide evenly into grids of %(target)s; the nearest is %(each)s in each grid."
        ),
        "unbalanced": ngettext(
            "%(count)s grid is more than a tenth off %(target)s households: these settings give none evener.",
            "%(count)s grids are more than a tenth off %(target)s households: these settings give none evener.",
            count,
        ),
    }


def _barrier(values: Mapping[str, object], *, unit: bool) -> str:
    grid = (_("unit grid %(grid)s") if unit else _("grid %(grid)s")) % values
    given = {**values, "inside": grid, "barrier": kind_of(str(values.get("kind")))}
    beyond = values.get("households")
    if beyond is None:
        return _("%(metres)s m of %(barrier)s lie inside %(inside)s and part off nothing there.") % given
    if unit:
        words = _("%(metres)s m of %(barrier)s lie inside %(inside)s; what lies beyond has %(area_m2)s m².")
    elif values.get("target") and _number(beyond) < LEAST_LOAD * _number(values.get("target")):
        words = _(
            "%(metres)s m of %(barrier)s lie inside %(inside)s: the %(households)s households beyond are too few for a"
            " grid of %(target)s."
        )
    else:
        words = _("%(metres)s m of %(barrier)s lie inside %(inside)s, with %(households)s households beyond.")
    return words % {**given, "target": round(_number(values.get("target")))}


def kind_of(word: str) -> str:
    """Return a kind of street, railway or waterway in the reader's language; a strange word as it is."""
    kind = word if word in StreetKind.values else STREETS.get(word.casefold())
    return str(StreetKind(kind).label) if kind else word


def _more(count: int) -> str:
    words = ngettext(
        "%(count)s more stretch of a barrier lies inside of a grid.",
        "%(count)s more stretches of barriers lie inside of grids.",
        count,
    )
    return words % {"count": count}


def _repaired(code: str, found: Sequence[Remark]) -> str:
    count = len(found)
    area = round(sum(_number(said.values.get("area")) for said in found), 1)
    texts = {
        "repaired_gap": ngettext(
            "%(count)s gap was closed (%(area)s m² together).",
            "%(count)s gaps were closed (%(area)s m² together).",
            count,
        ),
        "repaired_overlap": ngettext(
            "%(count)s overlap was divided (%(area)s m² together).",
            "%(count)s overlaps were divided (%(area)s m² together).",
            count,
        ),
        "repaired_outside": ngettext(
            "%(count)s piece outside of the boundary was cut off (%(area)s m² together).",
            "%(count)s pieces outside of the boundary were cut off (%(area)s m² together).",
            count,
        ),
        "repaired_piece": ngettext(
            "%(count)s loose piece went to a neighbour (%(area)s m² together).",
            "%(count)s loose pieces went to a neighbour (%(area)s m² together).",
            count,
        ),
    }
    return texts[code] % {"count": count, "area": f"{area:g}"} if code in texts else code


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _steps() -> dict[str, str]:
    return {
        "clean": _("cleaning what was read"),
        "blocks": _("finding blocks"),
        "partition": _("balancing grids"),
        "units": _("parting into unit grids"),
        "borders": _("drawing borders"),
        "measure": _("measuring"),
        "done": _("done"),
    }
