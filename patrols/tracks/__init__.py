"""From fixes to truth: cleaned tracks and coverage. Pure: NumPy and Shapely, no Django."""
