"""All routes."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.gzip import gzip_page
from django.views.i18n import set_language

from grids import api as grids_api
from grids.endpoints import jobs as jobs_api
from maps.admin import administration
from maps.cells import api as cells_api
from maps.features import views as features
from maps.hotspots import api as hotspots_api
from maps.pages import (
    account,
    accounts,
    actions,
    analysis,
    analysis_shades,
    api_docs,
    bringing,
    bulk,
    calendar,
    coverage_table,
    deliveries,
    dispatch,
    dispatch_live,
    dispatch_plan,
    handover,
    import_urls,
    inbox,
    invitations,
    jobs,
    joining,
    load_table,
    me_export,
    me_urls,
    measures,
    my_grid,
    offers,
    offline,
    own_round,
    patrol,
    patrol_plans,
    people,
    phone_intake,
    planner,
    planner_coverage,
    planner_replay,
    posts,
    public,
    report_exports,
    reports,
    requests,
    robots,
    roster,
    rule_findings,
    rule_form,
    rules,
    saved_filters,
    second_factor,
    sharing,
    sheets,
    shell,
    shift_notes,
    shifts,
    task_page,
    tasks,
    tokens,
    vacancies,
)
from maps.pages import photos as photo_pages
from maps.site import health, openapi
from maps.tiles import views as tiles
from patrols import api as patrols_api
from patrols import coverage_api, duplicates_api, measures_api, patrol_api, patrol_plan_api, request_api, task_api
from patrols.intake import api as recording_api
from patrols.intake import views as intake
from patrols.offering import offer_api
from patrols.open311 import views as open311
from patrols.photos import api as photos_api
from patrols.photos import views as photos
from patrols.plans import api as plans_api
from patrols.plans import replay_api
from patrols.posts import post_api, shift_api
from patrols.regridding import api as regridding_api
from patrols.routing import api as routing_api

API: list[URLPattern | URLResolver] = [
    *grids_api.urlpatterns,
    *jobs_api.urlpatterns,
    *patrols_api.urlpatterns,
    *request_api.urlpatterns,
    *duplicates_api.urlpatterns,
    *task_api.urlpatterns,
    *photos_api.urlpatterns,
    *regridding_api.urlpatterns,
    *patrol_api.urlpatterns,
    *coverage_api.urlpatterns,
    *recording_api.urlpatterns,
    *me_export.api_urlpatterns,
    *own_round.api_urlpatterns,
    *post_api.urlpatterns,
    *shift_api.urlpatterns,
    *routing_api.urlpatterns,
    *offer_api.urlpatterns,
    *report_exports.api_urlpatterns,
    *plans_api.urlpatterns,
    *replay_api.urlpatterns,
    *measures_api.urlpatterns,
    *hotspots_api.urlpatterns,
    *patrol_plan_api.urlpatterns,
    *cells_api.urlpatterns,
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/v1/", include([*API, *api_docs.urlpatterns, *openapi.urlpatterns])),
    path("ingest/", include(intake.urlpatterns)),
    path("open311/v2/", include(open311.urlpatterns)),
    path("tiles/", include(tiles.urlpatterns)),
    # Programs write the address of the landing page both ways.
    path("ogc", features.landing),
    path("ogc/", include(features.urlpatterns)),
    path("jsi18n/", gzip_page(shell.Catalogue.as_view()), name="javascript-catalog"),
    path("jsi18n/<slug:page>/", gzip_page(shell.Catalogue.as_view()), name="javascript-catalog"),
    path("language/", set_language, name="set_language"),
    *accounts.urlpatterns,
    *second_factor.urlpatterns,
    *account.urlpatterns,
    *tokens.urlpatterns,
    *me_urls.urlpatterns,
    *shell.urlpatterns,
    *offline.urlpatterns,
    *my_grid.urlpatterns,
    *patrol.urlpatterns,
    *report_exports.urlpatterns,
    *own_round.urlpatterns,
    *bulk.urlpatterns,
    *saved_filters.urlpatterns,
    *reports.urlpatterns,
    *sharing.urlpatterns,
    *measures.urlpatterns,
    *requests.urlpatterns,
    *bringing.urlpatterns,
    *public.urlpatterns,
    *dispatch.urlpatterns,
    *dispatch_live.urlpatterns,
    *dispatch_plan.urlpatterns,
    *phone_intake.urlpatterns,
    *shift_notes.urlpatterns,
    *inbox.urlpatterns,
    *import_urls.urlpatterns,
    *calendar.urlpatterns,
    path("admin/", administration.urls),
    *people.urlpatterns,
    *vacancies.urlpatterns,
    *load_table.urlpatterns,
    *analysis.urlpatterns,
    *analysis_shades.urlpatterns,
    *planner.urlpatterns,
    *rule_findings.urlpatterns,
    *rule_form.urlpatterns,
    *rules.urlpatterns,
    *planner_coverage.urlpatterns,
    *actions.urlpatterns,
    *patrol_plans.urlpatterns,
    *planner_replay.urlpatterns,
    *coverage_table.urlpatterns,
    *invitations.urlpatterns,
    *joining.urlpatterns,
    *handover.urlpatterns,
    *sheets.urlpatterns,
    *task_page.urlpatterns,
    *tasks.urlpatterns,
    *shifts.urlpatterns,
    *offers.urlpatterns,
    *robots.urlpatterns,
    *deliveries.urlpatterns,
    *roster.urlpatterns,
    *posts.urlpatterns,
    *jobs.urlpatterns,
    *photos.urlpatterns,
    *photo_pages.urlpatterns,
]

handler400 = "maps.pages.shell.bad_request"
# The library of accounts looks for it here.
handler429 = "maps.pages.shell.too_many"
