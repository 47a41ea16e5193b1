"""How good a proposal is, judged from its polygons and the ground it lies on."""

import statistics
from collections.abc import Mapping
from typing import Any

from grids.splits.ground import Ground
from grids.splitting.plan import Plan


def measured(plan: Plan, ground: Ground, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a plan's smallest grids."""
    leaves = [key for key in plan.grids if not plan.children(key)]
    loads = [plan.households(key) for key in leaves]
    mean = statistics.fmean(loads)
    return {
        "grids": len(loads),
        "households_min": min(loads),
        "households_median": statistics.median(loads),
        "households_max": max(loads),
        "variation": statistics.pstdev(loads) / mean if mean else 0.0,
    }
