"""The ground that chosen cells of the map cover: H3 cells by their ids, together as one area. No database."""

from collections.abc import Iterable

import h3
from django.utils.translation import gettext as _
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from grids.problems import BadInput

MOST_CELLS = 300
LONGEST_CELL = 15
# A cell of 5 is as large as a district.
COARSEST = 6


def read_cells(given: Iterable[str]) -> list[str]:
    """Return the ids of H3 cells in order, each once.

    Raises BadInput for none, too many, what is no cell, and cells of several sizes or as large as a district.
    """
    cells = sorted({text.strip().lower() for text in given if text.strip()})
    if not cells:
        raise BadInput(_("Choose at least one cell."))
    if len(cells) > MOST_CELLS:
        raise BadInput(_("Those are more than %(most)d cells.") % {"most": MOST_CELLS})
    for cell in cells:
        if len(cell) != LONGEST_CELL or not h3.is_valid_cell(cell):
            raise BadInput(_("“%(cell)s” is no cell of the map.") % {"cell": cell[:20]})
    if len({h3.get_resolution(cell) for cell in cells}) > 1:
        raise BadInput(_("Choose cells of one size."))
    if h3.get_resolution(cells[0]) < COARSEST:
        raise BadInput(_("These cells are too large: choose smaller ones."))
    return cells


def ground_of(cells: list[str]) -> BaseGeometry:
    """Return what cells of one size cover, as a polygon or several, in degrees (WGS-84)."""
    return shape(h3.cells_to_geo(cells))
