"""What can be reported: the categories of problems in use, as services of GeoReport v2."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from grids.models import Category, Region
from grids.models.catalogue import Kind
from grids.models.places import RegionLevel
from grids.problems import NotFound

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
# When what is answered here last changed its form.
CHANGESET = "2026-12-01T00:00:00+08:00"
FORMATS = ["text/xml", "application/json"]


def discovery() -> dict[str, Any]:
    """Return where this site answers, and whom to ask for a key."""
    return {
        "changeset": CHANGESET,
        "contact": settings.OPEN311_CONTACT or settings.BASE_URL,
        "key_service": _("Keys are given by the administrators of this site: ask them through the contact."),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{settings.BASE_URL}/open311/v2",
                "changeset": CHANGESET,
                "type": "production" if settings.PRODUCTION else "test",
                "formats": FORMATS,
            }
        ],
    }


def services() -> list[dict[str, Any]]:
    """Return the categories of problems in use, in the order of the catalogue and the reader's language; one query."""
    return [_service(row) for row in Category.objects.filter(active=True, kind=Kind.PROBLEM)]


def definition(code: str) -> dict[str, Any]:
    """Return what a service asks beside place and words, which is nothing; raises NotFound for what is no service."""
    if not code.isdecimal() or not Category.objects.filter(active=True, kind=Kind.PROBLEM, code=code).exists():
        raise NotFound(_("There is no service “%(code)s”.") % {"code": code})
    return {"service_code": code, "attributes": []}


def district_of(jurisdiction: str) -> str:
    """Return the code of the district that a jurisdiction_id names, empty without one; raises NotFound."""
    if not jurisdiction:
        return ""
    known = Region.objects.current().filter(level=RegionLevel.DISTRICT, code=jurisdiction)
    if len(jurisdiction) > 12 or not known.exists():
        raise NotFound(
            _("There is no jurisdiction “%(code)s” here: give a district's code, or none.") % {"code": jurisdiction}
        )
    return jurisdiction


def _service(row: Category) -> dict[str, Any]:
    other = row.name if row.local_name == row.name_en else row.name_en
    return {
        "service_code": row.code,
        "service_name": row.local_name,
        "description": f"{row.local_group} · {row.local_name}",
        "metadata": False,
        "type": "realtime",
        "keywords": other,
        "group": row.local_group,
    }
