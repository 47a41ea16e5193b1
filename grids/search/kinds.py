"""What the kinds of places in the search are called."""

from django.utils.functional import Promise

from grids.models.places import PlaceKind, RegionLevel
from grids.models.search import SearchSource

# Sources with kinds of their own are told by these.
_OWN = {SearchSource.REGION, SearchSource.PLACE}

LABELS: dict[str, str | Promise] = {
    **{str(source): source.label for source in SearchSource if source not in _OWN},
    **{str(level): level.label for level in RegionLevel},
    **{str(kind): kind.label for kind in PlaceKind},
}
KINDS = tuple(LABELS)
