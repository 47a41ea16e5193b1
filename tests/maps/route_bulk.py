"""Many reports at once: for dispatchers, of what they see; what came of it is for whoever began it."""

from grids.models import Job
from patrols.models import SavedFilter
from tests.maps.route_cast import DISPATCHERS, Cast
from tests.maps.route_table import TO_SIGN_IN, Row, only, signed_in


def add_bulk(cast: Cast) -> None:
    """Keep a step for many of Dora's, and a filter."""
    job = Job.objects.create(kind="bulk-step", person=cast.people["dora"], state="done", parameters={"verb": "accept"})
    cast.addresses["bulk-dora"] = str(job.pk)
    cast.readers[str(job.pk)] = {"dora"}
    saved = SavedFilter.objects.create(person=cast.people["dora"], name="of-dora", query={"state": "open"})
    cast.addresses["filter-dora"] = str(saved.pk)


BULK_ROWS = (
    Row(
        "reports/bulk/",
        "/reports/bulk/",
        only(DISPATCHERS, 200, visitor=TO_SIGN_IN),
        method="POST",
        body={"all": "1"},
    ),
    Row("reports/bulk/<uuid:identity>/", "/reports/bulk/{bulk-dora}/", only({"dora"}, 200, visitor=TO_SIGN_IN)),
    Row(
        "reports/filters/",
        "/reports/filters/",
        signed_in(302, visitor=TO_SIGN_IN),
        method="POST",
        body={"name": "x", "state": "open"},
    ),
    Row(
        "reports/filters/<int:identity>/",
        "/reports/filters/{filter-dora}/",
        only({"dora"}, 302, visitor=TO_SIGN_IN),
        method="POST",
        body={"name": "y"},
    ),
)
