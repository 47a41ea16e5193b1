"""OpenStreetMap: which features of which of GDAL's layers are ours, and what their tags say in our columns."""

from collections.abc import Mapping

from grids.places_import.vocabulary import STREETS

Values = dict[str, object]

# For each of our layers: GDAL's layers and the tags that make a feature a candidate.
SELECTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "regions": (("multipolygons", "boundary = 'administrative'"),),
    "streets": (("lines", "highway IS NOT NULL OR railway IS NOT NULL OR waterway IS NOT NULL"),),
    "buildings": (("multipolygons", "building IS NOT NULL"),),
    "checkpoints": (
        ("points", "amenity IS NOT NULL OR highway IS NOT NULL OR leisure IS NOT NULL OR shop IS NOT NULL"),
        ("multipolygons", "amenity IS NOT NULL OR leisure IS NOT NULL OR shop IS NOT NULL OR place IS NOT NULL"),
    ),
}
# The key and value of a tag, and the type of checkpoint it stands for.
CHECKPOINTS = {
    ("amenity", "hospital"): "hospital",
    ("amenity", "clinic"): "hospital",
    ("amenity", "bus_station"): "bus_station",
    ("amenity", "school"): "school",
    ("amenity", "marketplace"): "market",
    ("amenity", "toilets"): "public_toilet",
    ("amenity", "townhall"): "government_hall",
    ("amenity", "recycling"): "waste_station",
    ("highway", "bus_stop"): "bus_stop",
    ("railway", "station"): "railway_station",
    ("leisure", "park"): "park",
    ("place", "square"): "square",
    ("shop", "mall"): "mall",
    ("shop", "supermarket"): "mall",
}
_TRACKS = {"rail", "light_rail", "subway", "tram", "monorail", "narrow_gauge", "funicular"}
_WATERS = {"river", "stream", "canal", "drain", "ditch"}


def values(layer: str, source_layer: str, tags: Mapping[str, object]) -> Values | None:
    """Return our columns for a feature's tags, or None if the feature is none of ours (a platform, a ruin)."""
    found = _NAMES[layer](tags)
    if found is None:
        return None
    return {
        "id": _identity(source_layer, tags),
        "name": tags.get("name:zh") or tags.get("name"),
        "name_en": tags.get("name:en"),
        **found,
    }


def _identity(source_layer: str, tags: Mapping[str, object]) -> str:
    if source_layer == "points":
        return f"node/{tags.get('osm_id')}"
    if source_layer == "lines" or not tags.get("osm_id"):
        return f"way/{tags.get('osm_way_id') or tags.get('osm_id')}"
    return f"relation/{tags.get('osm_id')}"


def _region(tags: Mapping[str, object]) -> Values:
    return {}


def _street(tags: Mapping[str, object]) -> Values | None:
    highway, railway, waterway = (str(tags.get(key) or "") for key in ("highway", "railway", "waterway"))
    kind = highway if highway in STREETS else railway if railway in _TRACKS else waterway
    if kind not in STREETS and kind not in _WATERS:
        return None
    # What runs under the ground divides nobody.
    return {"kind": kind, "tunnel": tags.get("tunnel") not in {None, "", "no"}}


def _building(tags: Mapping[str, object]) -> Values:
    # Tags are written by hand: floors and flats that are no whole numbers stay unknown instead of refusing a house.
    return {
        "kind": tags.get("building"),
        "floors": _whole(tags.get("building:levels"), 200),
        "households": _whole(tags.get("building:flats"), 5_000),
    }


def _checkpoint(tags: Mapping[str, object]) -> Values | None:
    types = (
        CHECKPOINTS.get((key, str(tags.get(key))))
        for key in ("amenity", "highway", "railway", "leisure", "place", "shop")
    )
    found = next(filter(None, types), None)
    return {"type": found} if found else None


def _whole(value: object, most: int) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and int(value) <= most else None


_NAMES = {"regions": _region, "streets": _street, "buildings": _building, "checkpoints": _checkpoint}
