"""The API of heat: counts of the regions that somebody sees as a whole; nothing is counted in the cast's town."""

from tests.maps.route_table import API, Row, signed_in

BOX = "bbox=111.6,40.8,111.7,40.9"
HEAT = (
    Row("api/v1/heat/cells", f"/api/v1/heat/cells?{BOX}", signed_in(200, visitor=401), API),
    Row("api/v1/heat/series", f"/api/v1/heat/series?{BOX}", signed_in(200, visitor=401), API),
)
