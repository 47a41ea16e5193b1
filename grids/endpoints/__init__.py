"""Places, bodies, people and what they answer for, under /api/v1/: one module by topic."""
