"""The rows of the public map: what anybody may see and send, and nothing of the reports that stand there in it."""

from tests.maps.route_table import Row, everybody
from tests.town import DISTRICT

NEARBY = "category=06010&lon=111.67177&lat=40.82135"
FOLLOW = "public/<slug:district>/<slug:number>/"

PUBLIC_ROWS = (
    Row("public/", "/public/", everybody(200)),
    Row("public/", f"/public/?region={DISTRICT}", everybody(200)),
    Row("public/places.json", "/public/places.json?q=market", everybody(200)),
    Row("public/known.json", f"/public/known.json?{NEARBY}", everybody(200)),
    Row("public/poster/", "/public/poster/", everybody(200)),
    Row("public/number/", "/public/number/?number=nothing", everybody(404)),
    Row("public/report/", "/public/report/", everybody(200)),
    Row("public/report/", "/public/report/", everybody(422), method="POST", body={"key": "x"}),
    # The fifth grid's report is a request here: it has a page of its own.
    Row(FOLLOW, f"/public/{DISTRICT}/{{public-five}}/", everybody(302)),
    Row(FOLLOW, f"/public/{DISTRICT}/nothing/", everybody(404)),
)
