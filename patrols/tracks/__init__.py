"""From fixes to truth: cleaned tracks, stays and coverage. Pure: NumPy and Shapely, no Django."""
