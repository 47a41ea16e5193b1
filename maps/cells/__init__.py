"""Counts of problems by hexagon: made from reports once, then kept by following the stream of events."""
