"""The parameters of a request for features, each read or refused in one sentence."""

from collections.abc import Collection as Names

from django.http import HttpRequest
from django.utils.translation import gettext as _

from grids.paging import LONGEST_CURSOR
from grids.problems import Problem
from maps.features.boxes import CRS84, read_area
from maps.features.collection import Collection, Wanted
from maps.features.spans import read_span

USUAL, MOST = 10, 1_000  # features of a page
FORMS = ("json", "html")
OF_ITEMS = ("limit", "bbox", "bbox-crs", "datetime", "cursor", "f")


def check(request: HttpRequest, known: Names[str] = ("f",)) -> None:
    """Refuse what is not known, given twice or holds what no text may; raises Problem (400)."""
    for name, values in request.GET.lists():
        if name not in known:
            raise Problem(
                _("There is no parameter “%(name)s”; there are %(allowed)s.")
                % {"name": name.replace("\0", ""), "allowed": ", ".join(known)}
            )
        if len(values) > 1:
            raise Problem(_("%(name)s is given more than once.") % {"name": name})
        if "\0" in values[0]:
            raise Problem(_("%(name)s holds a character that no text may hold.") % {"name": name})
    if request.GET.get("f", FORMS[0]) not in FORMS:
        raise Problem(_("f must be one of %(forms)s.") % {"forms": ", ".join(FORMS)})


def read_wanted(request: HttpRequest, collection: Collection) -> Wanted:
    """Read what is asked of a collection; raises Problem (400)."""
    queryables = collection.queryables
    check(request, (*OF_ITEMS, *queryables))
    given = request.GET
    if given.get("bbox-crs", CRS84) != CRS84:
        raise Problem(_("bbox-crs must be %(crs)s: there is no other here.") % {"crs": CRS84})
    cursor = given.get("cursor", "")
    if len(cursor) > LONGEST_CURSOR:
        raise Problem(_("The cursor cannot be read: start again from the first page."))
    return Wanted(
        area=read_area(given["bbox"]) if "bbox" in given else None,
        span=read_span(given["datetime"]) if "datetime" in given else None,
        values={name: one.read(given[name]) for name, one in queryables.items() if name in given},
        limit=_limit(given.get("limit", str(USUAL))),
        cursor=cursor,
    )


def _limit(text: str) -> int:
    """Read how many features a page has. More than there may be is no error, the standard says: it is the most."""
    if not (text.isascii() and text.isdecimal()) or not text.strip("0"):
        raise Problem(
            _("limit must be a whole number, 1 or more; beyond %(most)d it is taken as that.") % {"most": MOST}
        )
    return min(MOST, int(text[-10:]) if len(text.lstrip("0")) <= 10 else MOST)
