"""A request and a link for requests among the rows of the routes, and who is answered what about them."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from grids.links import hash_of
from grids.models import Region
from grids.sealed import seal
from patrols.models import Contact, Party, Report, RequestLink
from tests.maps.route_cast import SEE_FIVE, Cast
from tests.maps.route_table import API, TO_SIGN_IN, Row, everybody, only, several, signed_in
from tests.town import DISTRICT, NEAR

MAKERS = {"dora", "olaf", "paula", "petra", "adam"}
NEAR_MAKERS = {"dora", "paula", "adam"}
# The request is the fifth grid's report: see `add_request`.
ONE = "api/v1/reports/<uuid:identity>"


def add_request(cast: Cast) -> None:
    """Give the fifth grid's report a contact, which its dispatcher alone may read, and write a link."""
    report = Report.objects.get(pk=UUID(cast.addresses["five"]))
    Report.objects.filter(pk=report.pk).update(kind="request")
    contact = {"name": "", "phone": "", "address": "mark-contact-five"}
    purge = timezone.localdate() + timedelta(days=9)
    Contact.objects.create(report=report, district=DISTRICT, sealed=seal(contact), purge_on=purge)
    cast.readers["mark-contact-five"] = {"dora"}
    cast.sets["contact-five"] = ["mark-contact-five"]
    link = RequestLink.objects.create(
        district=DISTRICT,
        token_hash=hash_of("Q" * 43),
        region=Region.objects.get(code=NEAR + "001"),
        note="mark-link-note",
        made_by=cast.people["dora"],
    )
    cast.readers["mark-link-note"] = NEAR_MAKERS
    cast.sets["link-note"] = ["mark-link-note"]
    cast.addresses["request-link"], cast.addresses["request-token"] = str(link.pk), "Q" * 43
    cast.addresses["public-five"] = report.public_number
    party = Party.objects.create(
        report=report, district=DISTRICT, role="responsible", person=cast.people["bob"], since=timezone.now()
    )
    Party.objects.filter(pk=party.pk).update(state="left")
    cast.addresses["part"] = str(party.pk)


def _rows() -> list[Row]:
    wrong = {"key": "x"}
    grid = NEAR + "001005"
    five = f"{ONE}/parts"
    return [
        Row("requests/new/", "/requests/new/", signed_in(200, visitor=TO_SIGN_IN)),
        Row("requests/new/", f"/requests/new/?grid={grid}", only(SEE_FIVE, 200, visitor=TO_SIGN_IN)),
        Row(
            "requests/new/",
            "/requests/new/",
            only(SEE_FIVE, 422, visitor=TO_SIGN_IN),
            method="POST",
            body={"grid": grid},
        ),
        Row("requests/links/", "/requests/links/", only(MAKERS, 200, visitor=TO_SIGN_IN), shows=("link-note",)),
        Row(
            "requests/links/new/",
            "/requests/links/new/",
            only(MAKERS, 422, visitor=TO_SIGN_IN),
            method="POST",
            body=wrong,
        ),
        Row(
            "requests/links/<uuid:identity>/end/",
            "/requests/links/{request-link}/end/",
            only(NEAR_MAKERS, 302, visitor=TO_SIGN_IN),
            method="POST",
        ),
        Row("r/<slug:token>/", "/r/{request-token}/", everybody(200)),
        Row("r/<slug:token>/", "/r/{request-token}/", everybody(422), method="POST", body=wrong),
        Row("follow/<slug:district>/<slug:number>/", f"/follow/{DISTRICT}/{{public-five}}/", everybody(200)),
        Row("follow/<slug:district>/<slug:number>/", f"/follow/{DISTRICT}/nothing/", everybody(404)),
        Row(
            "follow/<slug:district>/<slug:number>/withdraw/",
            f"/follow/{DISTRICT}/{{public-five}}/withdraw/",
            everybody(405),
        ),
        Row(
            f"{ONE}/contact",
            "/api/v1/reports/{five}/contact",
            only({"dora"}, 200, visitor=401),
            API,
            shows=("contact-five",),
        ),
        # Nobody leads it yet, so nobody says who takes part.
        Row(five, "/api/v1/reports/{five}/parts", several(401, 404, (SEE_FIVE, 403)), API),
        Row(
            five,
            "/api/v1/reports/{five}/parts",
            several(401, 404, (SEE_FIVE, 422)),
            API,
            "POST",
            {},
        ),
        Row(
            f"{five}/<int:party>",
            "/api/v1/reports/{five}/parts/{part}",
            signed_in(404, visitor=401),
            API,
            "POST",
            {"state": "done"},
        ),
    ]


REQUESTS = tuple(_rows())
