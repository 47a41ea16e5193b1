"""Open311 among the rows of the routes: the same for everybody, and only a key files."""

from patrols.models import Report
from tests.maps.route_cast import Cast
from tests.maps.route_table import Row, everybody
from tests.town import DISTRICT

V2 = "open311/v2/"
FORMS = r"\.(?P<form>xml|json)$"


def add_number(cast: Cast) -> None:
    """Name the number of a report that is not public: everybody reads how far it is, and no word of it."""
    report = Report.objects.get(pk=cast.addresses["one"])
    cast.addresses["open311-one"] = f"{DISTRICT}-{report.public_number}"


OPEN311 = (
    Row(f"{V2}^discovery{FORMS}", f"/{V2}discovery.json", everybody(200)),
    Row(f"{V2}^services{FORMS}", f"/{V2}services.xml", everybody(200)),
    Row(f"{V2}^services/(?P<code>[^/]{{1,40}}){FORMS}", f"/{V2}services/06010.json", everybody(200)),
    Row(f"{V2}^requests{FORMS}", f"/{V2}requests.json", everybody(200)),
    Row(f"{V2}^requests{FORMS}", f"/{V2}requests.xml", everybody(403), method="POST", body={"service_code": "06010"}),
    Row(f"{V2}^requests/(?P<number>[^/]{{1,60}}){FORMS}", f"/{V2}requests/{{open311-one}}.json", everybody(200)),
    Row(f"{V2}^tokens/(?P<number>[^/]{{1,60}}){FORMS}", f"/{V2}tokens/{{open311-one}}.xml", everybody(200)),
    Row(f"{V2}^", f"/{V2}nothing", everybody(404)),
)
