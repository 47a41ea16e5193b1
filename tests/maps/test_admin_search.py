"""What is saved in the administration is found by its name at once, and what is deleted no longer."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from grids.models import Place, SearchName
from tests.maps.admin_rows import edit
from tests.maps.route_cast import build_cast
from tests.town import at

pytestmark = pytest.mark.django_db


def test_the_search_follows_the_administration() -> None:
    client = Client()
    client.force_login(build_cast().people["adam"])
    point = at(0.5, 0.5)
    values = {
        "name": "新店",
        "name_en": "",
        "aliases": "老店",
        "kind": "shop",
        "geom": f'{{"type": "Point", "coordinates": [{point.x}, {point.y}]}}',
        "source": "local",
        "source_id": uuid4().hex[:12],
    }
    response = client.post(reverse("admin:grids_place_add"), values)
    assert response.status_code == 302, response.context and response.context["errors"]
    place = Place.objects.get(name="新店")
    assert texts(place) == {"新店", "老店"}
    edit(client, reverse("admin:grids_place_change", args=[place.pk]), {**values, "name": "更新店"})
    assert texts(place) == {"更新店", "老店"}
    assert client.post(reverse("admin:grids_place_delete", args=[place.pk]), {"post": "yes"}).status_code == 302
    assert texts(place) == set()


def texts(place: Place) -> set[str]:
    return set(SearchName.objects.filter(source="place", source_key=place.pk).values_list("text", flat=True))
