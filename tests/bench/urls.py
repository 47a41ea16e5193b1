"""The site's routes, and the floors that they are measured against."""

from django.urls import include, path

from tests.bench import floors

urlpatterns = [
    path("floor/nothing", floors.nothing),
    path("floor/insert", floors.insert),
    path("", include("maps.site.urls")),
]
