"""The list of reports as a file: everybody who signed in may ask; a file is its asker's alone."""

from grids.models import Job
from tests.maps.route_cast import Cast
from tests.maps.route_table import API, TO_SIGN_IN, Row, only, signed_in

UUID = "<uuid:identity>"


def add_export(cast: Cast) -> None:
    """Keep an export of Bob's whose file was removed."""
    job = Job.objects.create(
        kind="report-table", person=cast.people["bob"], state="done", parameters={"form": "csv"}, result={}
    )
    cast.addresses["export-bob"] = str(job.pk)
    cast.sets["export"] = [str(job.pk)]
    cast.readers[str(job.pk)] = {"bob"}


EXPORT_ROWS = (
    Row("reports/export/", "/reports/export/", signed_in(200, visitor=TO_SIGN_IN), shows=("export",)),
    Row(
        "reports/export/",
        "/reports/export/",
        signed_in(302, visitor=TO_SIGN_IN),
        method="POST",
        body={"form": "csv"},
    ),
    Row(
        f"reports/export/{UUID}/",
        "/reports/export/{export-bob}/",
        only((), 200, visitor=TO_SIGN_IN),
    ),
    Row("api/v1/exports", "/api/v1/exports", signed_in(200, visitor=401), API, shows=("export",)),
    Row("api/v1/exports", "/api/v1/exports", signed_in(201, visitor=401), API, "POST", {"form": "xlsx"}),
    Row(
        f"api/v1/exports/{UUID}/file",
        "/api/v1/exports/{export-bob}/file",
        only((), 200, visitor=401),
        API,
    ),
)
