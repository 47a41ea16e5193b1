"""The models of the top floor."""

from maps.models.cells import Cell, CellCount, CellCursor, CellDelta

__all__ = ["Cell", "CellCount", "CellCursor", "CellDelta"]
