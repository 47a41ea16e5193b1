"""Importing places and people from files: read by GDAL in a child process, guarded, staged, written at once or not."""

from grids.places_import.outcome import Count, Outcome, Refusal
from grids.places_import.run import LAYER_NAMES, Options, run

__all__ = ["LAYER_NAMES", "Count", "Options", "Outcome", "Refusal", "run"]
