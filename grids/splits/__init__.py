"""Proposals of grids in the database: computed, edited, and made the grids of a community.

`apply` touches grids only. Whoever answers for them and what lies in them is moved by the floor above, in the same
transaction.
"""

from grids.splits.applying import Applied, apply
from grids.splits.planning import Change, Succession, plan_succession

__all__ = ["Applied", "Change", "Succession", "apply", "plan_succession"]
