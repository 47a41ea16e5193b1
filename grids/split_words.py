"""What the splitter has to say, in the reader's language: one sentence for each code of an error or a remark."""

from django.utils.translation import gettext as _

from grids.splitting import Remark, SplitError


def refusal(error: SplitError) -> str:
    """Return why an area cannot be split."""
    return _errors()[error.code] % error.values


def remark(said: Remark) -> str:
    """Return what a planner should know about a proposal."""
    return _remarks()[said.code] % said.values


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


def _remarks() -> dict[str, str]:
    return {
        "crosses_boundary": _("%(count)s buildings stand across the outer boundary; the boundary cuts them."),
        "empty": _("There are no households inside the boundary: grids are made by area."),
        "island": _(
            "A separate part of the boundary has only %(households)s households; a grid should have %(target)s."
        ),
        "tower": _("Buildings that cannot be divided have %(households)s households; a grid should have %(target)s."),
        "uneven": _(
            "%(total)s households do not divide evenly into grids of %(target)s; the nearest is %(each)s in each grid."
        ),
        "unbalanced": _(
            "%(count)s grids are more than a tenth off %(target)s households; blocks there cannot be divided."
        ),
    }


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
