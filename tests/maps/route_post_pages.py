"""The pages of posts and shifts, and who is answered what by them."""

from tests.maps.route_table import TO_SIGN_IN, Row, only, signed_in

KEEP, ASSIGN = {"paula", "adam"}, {"paula", "adam", "dora"}
KEEPERS = KEEP | {"petra"}
ASSIGNERS = ASSIGN | {"petra", "olaf"}
LOOKERS = ASSIGNERS | {"ines"}
POST, SHIFT = "posts/<int:identity>/", "posts/shifts/<uuid:identity>/"
ONE, FREE = "/posts/{post-near}/", "/posts/shifts/{shift-free}/"
ITS_END = f"{POST}patterns/<int:pattern>/end/"


def _for(people: set[str], status: int = 200) -> dict[str, int]:
    return only(people, status, visitor=TO_SIGN_IN)


POST_PAGES = (
    Row("shifts/", "/shifts/", signed_in(200, visitor=TO_SIGN_IN), shows=("post-near", "post-far")),
    Row("shifts/calendar.ics", "/shifts/calendar.ics", signed_in(200, visitor=TO_SIGN_IN)),
    Row("posts/", "/posts/", _for(LOOKERS), shows=("post-near", "post-far")),
    Row("posts/new/", "/posts/new/", _for(KEEPERS)),
    Row("posts/new/", "/posts/new/", _for(KEEPERS, 422), method="POST"),
    Row(POST, ONE, _for(KEEP), shows=("post-near",)),
    Row(POST, ONE, _for(KEEP, 422), method="POST"),
    Row(ITS_END, f"{ONE}patterns/{{pattern-near}}/end/", _for(KEEP, 302), method="POST"),
    Row("posts/roster/", "/posts/roster/", _for(ASSIGNERS)),
    Row("posts/roster.csv", "/posts/roster.csv", _for(ASSIGNERS)),
    Row("posts/roster.xlsx", "/posts/roster.xlsx", _for(ASSIGNERS)),
    Row(SHIFT, FREE, _for(ASSIGN), shows=("post-near",)),
    Row(SHIFT, FREE, _for(ASSIGN, 422), method="POST"),
)
