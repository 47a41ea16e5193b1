"""Accepting a proposal of grids with all that hangs on it: owners, reports, checkpoints and those to be told."""
