"""The models of the top floor."""

from maps.models.cells import Cell, CellCount, CellCursor, CellDelta
from maps.models.hotspots import HotspotCell, HotspotRecurrence, HotspotRun

__all__ = ["Cell", "CellCount", "CellCursor", "CellDelta", "HotspotCell", "HotspotRecurrence", "HotspotRun"]
