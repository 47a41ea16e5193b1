"""Open311 GeoReport v2 at /open311/v2/: what others' programs ask and file, in XML and JSON (docs/open311.md)."""
