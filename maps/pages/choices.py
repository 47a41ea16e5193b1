"""What the filters of a list offer to choose from."""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language

from grids.models import Category, Grid
from grids.models.grid import GridKind
from grids.scope import Scope

FRESH_SECONDS = 60
MOST_KEPT = 500
MOST_GRIDS = 200
Rows = list[tuple[str, ...]]

_kept: dict[object, tuple[float, Rows]] = {}


def _keep(key: object, read: Callable[[], Iterable[Any]]) -> Rows:
    """Return rows read within the last minute: what a filter offers may be that old, so that a page costs no query."""
    known = _kept.get(key)
    if known is None or known[0] < monotonic():
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        known = (monotonic() + FRESH_SECONDS, [tuple(row) for row in read()])
        _kept[key] = known
    return known[1]


def forget() -> None:
    """Read everything anew the next time."""
    _kept.clear()


def categories() -> dict[str, list[tuple[str, str]]]:
    """Return code and name of the categories in use by group, in the reader's language and the catalogue's order."""
    fields = ("code", "name", "name_en", "group", "group_en")
    rows = _keep("categories", lambda: Category.objects.filter(active=True).values_list(*fields))
    english = (get_language() or "").startswith("en")
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name, name_en, group, group_en in rows:
        title = group_en if english and group_en else group
        groups.setdefault(title, []).append((code, name_en if english and name_en else name))
    return groups


def grids_of(scope: Scope) -> Rows:
    """Return code and name of the grids somebody may choose from; none when there are too many for a list."""
    within = scope.within("region__code") | Q(pk__in=scope.grids)
    found = Grid.objects.current().filter(within, kind=GridKind.SERVICE).order_by("code")
    rows = _keep(("grids", scope.key), lambda: found.values_list("code", "name")[: MOST_GRIDS + 1])
    return rows if len(rows) <= MOST_GRIDS else []
