"""All routes."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.gzip import gzip_page
from django.views.i18n import JavaScriptCatalog, set_language

from grids import api as grids_api
from grids.endpoints import jobs as jobs_api
from maps.admin import administration
from maps.pages import (
    account,
    accounts,
    api_docs,
    calendar,
    dispatch,
    handover,
    import_urls,
    inbox,
    invitations,
    jobs,
    joining,
    load_table,
    my_grid,
    people,
    planner,
    reports,
    second_factor,
    shell,
    tokens,
    vacancies,
)
from maps.pages import photos as photo_pages
from maps.site import health, openapi
from maps.tiles import views as tiles
from patrols import api as patrols_api
from patrols import coverage_api, patrol_api
from patrols.intake import api as recording_api
from patrols.intake import views as intake
from patrols.photos import api as photos_api
from patrols.photos import views as photos
from patrols.regridding import api as regridding_api

API: list[URLPattern | URLResolver] = [
    *grids_api.urlpatterns,
    *jobs_api.urlpatterns,
    *patrols_api.urlpatterns,
    *photos_api.urlpatterns,
    *regridding_api.urlpatterns,
    *patrol_api.urlpatterns,
    *coverage_api.urlpatterns,
    *recording_api.urlpatterns,
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/v1/", include([*API, *api_docs.urlpatterns, *openapi.urlpatterns])),
    path("ingest/", include(intake.urlpatterns)),
    path("tiles/", include(tiles.urlpatterns)),
    path("jsi18n/", gzip_page(JavaScriptCatalog.as_view(packages=["maps"])), name="javascript-catalog"),
    path("language/", set_language, name="set_language"),
    *accounts.urlpatterns,
    *second_factor.urlpatterns,
    *account.urlpatterns,
    *tokens.urlpatterns,
    *shell.urlpatterns,
    *my_grid.urlpatterns,
    *reports.urlpatterns,
    *dispatch.urlpatterns,
    *inbox.urlpatterns,
    *import_urls.urlpatterns,
    *calendar.urlpatterns,
    path("admin/", administration.urls),
    *people.urlpatterns,
    *vacancies.urlpatterns,
    *load_table.urlpatterns,
    *planner.urlpatterns,
    *invitations.urlpatterns,
    *joining.urlpatterns,
    *handover.urlpatterns,
    *jobs.urlpatterns,
    *photos.urlpatterns,
    *photo_pages.urlpatterns,
]

handler400 = "maps.pages.shell.bad_request"
# The library of accounts looks for it here.
handler429 = "maps.pages.shell.too_many"
