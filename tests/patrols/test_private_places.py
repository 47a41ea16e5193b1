"""Private places: cut out of kept tracks, shown to nobody, and of no influence on coverage."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from grids.problems import BadInput, Conflict, NotFound
from grids.sealed import Unreadable, seal, unseal
from patrols.models import Coverage, Fix, PrivatePlace, Track
from patrols.private_places import forget, mark
from tests.patrols.test_measuring import keep_promises
from tests.patrols.walks import begun, ended, hours_ago, sent, street, walk
from tests.town import Town, at

WAY = [(1.0, 1.5), (2.0, 1.5)]


def walked(town: Town) -> tuple[list[Any], Any]:
    """Walk 100 m to the east and return the coverage and the kept track."""
    since = hours_ago(2)
    patrol = begun(town.bob, None, since)
    sent(town.bob, walk(since, WAY))
    ended(patrol, since + timedelta(seconds=70))
    keep_promises()
    rows = list(Coverage.objects.values_list("street", "checkpoint", "covered").order_by("id"))
    track = Track.objects.get().geom
    patrol.delete()
    Coverage.objects.all().delete()
    return rows, track


def test_trimming_changes_the_track_and_no_coverage(town: Town) -> None:
    street("along", (1.0, 1.5), (3.0, 1.5))
    plain, whole = walked(town)
    home = at(1.0, 1.5)
    mark(town.bob, home.x, home.y, 50)
    trimmed, track = walked(town)
    assert trimmed == plain
    assert whole.distance(home) < 1e-6
    assert track.distance(home) * 84_000 == pytest.approx(50, abs=1)
    assert track.length == pytest.approx(whole.length / 2, rel=0.02)


def test_a_walk_wholly_near_home_leaves_no_track(town: Town) -> None:
    home = at(1.5, 1.5)
    mark(town.bob, home.x, home.y, 500)
    assert walked(town)[1] is None


def test_somebody_elses_place_cuts_nothing(town: Town) -> None:
    home = at(1.5, 1.5)
    mark(town.alice, home.x, home.y, 500)
    assert walked(town)[1] is not None


def test_a_place_that_cannot_be_read_any_more_hides_the_whole_way(town: Town) -> None:
    with override_settings(SECRET_KEY="another-secret"):
        mark(town.bob, 111.0, 41.0)
    assert walked(town)[1] is None
    with override_settings(SECRET_KEY_FALLBACKS=["another-secret"]):
        assert walked(town)[1] is not None


def test_neither_the_database_nor_an_answer_shows_where_it_is(town: Town, as_person: Any) -> None:
    client = as_person("bob")
    made = client.post("/api/v1/me/private-places", {"lon": 111.6718, "lat": 40.8214}, content_type="application/json")
    assert made.status_code == 201
    assert "111.67" not in made.content.decode() + client.get("/api/v1/me/private-places").content.decode()
    sealed = bytes(PrivatePlace.objects.get().sealed)
    assert b"111.67" not in sealed
    assert unseal(sealed) == [111.6718, 40.8214, 150, ""]
    assert client.delete(f"/api/v1/me/private-places/{made.json()['id']}").status_code == 204


def test_raw_fixes_stay_until_their_term(town: Town) -> None:
    mark(town.bob, at(1.5, 1.5).x, at(1.5, 1.5).y)
    since = hours_ago(1)
    begun(town.bob, None, since)
    sent(town.bob, walk(since, WAY))
    assert Fix.objects.count() == 8


@pytest.mark.parametrize(("lon", "lat", "radius"), [(500, 1, 100), (1, 1, 10), (1, 1, 9_999), (1, 1, True)])
def test_what_is_no_place_is_refused(town: Town, lon: float, lat: float, radius: Any) -> None:
    with pytest.raises(BadInput):
        mark(town.bob, lon, lat, radius)


def test_there_are_five_at_most_and_only_ones_own_go(town: Town) -> None:
    for _turn in range(5):
        place = mark(town.bob, 111.0, 41.0)
    with pytest.raises(Conflict):
        mark(town.bob, 111.0, 41.0)
    with pytest.raises(NotFound):
        forget(town.alice, place.pk)
    forget(town.bob, place.pk)
    assert PrivatePlace.objects.count() == 4


def test_a_seal_is_not_opened_without_its_secret() -> None:
    sealed = seal({"a": 1})
    with override_settings(SECRET_KEY="another-secret"), pytest.raises(Unreadable):
        unseal(sealed)
    with pytest.raises(Unreadable):
        unseal(b"nonsense")
