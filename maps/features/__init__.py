"""OGC API - Features (OGC 17-069r4) at /ogc/: what the maps show, as features for other programs."""
