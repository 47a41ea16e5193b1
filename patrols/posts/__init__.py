"""Posts and shifts: where volunteers stand at fixed times, who takes which place, and who was there."""
