"""All pages of bringing in lists."""

from django.urls import URLPattern

from maps.pages import import_columns, import_finish, import_places, import_rows, import_steps, imports

urlpatterns: list[URLPattern] = [
    *imports.urlpatterns,
    *import_steps.urlpatterns,
    *import_columns.urlpatterns,
    *import_rows.urlpatterns,
    *import_places.urlpatterns,
    *import_finish.urlpatterns,
]
