"""The addresses of one's own data."""

from django.urls import URLPattern, path

from maps.pages import (
    me,
    me_browsers,
    me_devices,
    me_export,
    me_following,
    me_notifications,
    me_patrols,
    me_places,
    me_record,
)

urlpatterns: list[URLPattern] = [
    path("me/", me.me, name="me"),
    path("me/consent/", me.consent, name="me-consent"),
    path("me/forget/", me.forget_all, name="me-forget"),
    path("me/looks/", me.looks, name="me-looks"),
    path("me/patrols/", me_patrols.patrols, name="me-patrols"),
    path("me/patrols/<uuid:identity>/", me_patrols.patrol, name="me-patrol"),
    path("me/patrols/<uuid:identity>/way.gpx", me_patrols.gpx, name="me-patrol-gpx"),
    path("me/patrols/<uuid:identity>/forget/", me_patrols.forget, name="me-patrol-forget"),
    path("me/devices/", me_devices.devices, name="me-devices"),
    path("me/devices/<int:identity>/heard.json", me_devices.heard, name="me-device-heard"),
    path("me/devices/<int:identity>/rename/", me_devices.rename, name="me-device-rename"),
    path("me/devices/<int:identity>/revoke/", me_devices.revoke, name="me-device-revoke"),
    path("me/places/", me_places.places, name="me-places"),
    path("me/places/<int:identity>/forget/", me_places.forget, name="me-place-forget"),
    path("me/reported/", me_following.following, name="me-following"),
    path("me/record/", me_record.record, name="me-record"),
    path("me/record.csv", me_record.table, name="me-record-table"),
    path("me/notifications/", me_notifications.notifications, name="me-notifications"),
    path("me/notifications/<slug:channel>/address/", me_notifications.address, name="me-notifications-address"),
    path("me/notifications/<slug:channel>/confirm/", me_notifications.confirm, name="me-notifications-confirm"),
    path("me/notifications/<slug:channel>/test/", me_notifications.test, name="me-notifications-test"),
    path("me/notifications/<slug:channel>/forget/", me_notifications.forget, name="me-notifications-forget"),
    path("me/browsers/", me_browsers.subscribe, name="me-browsers"),
    path("me/browsers/key.json", me_browsers.key, name="me-browsers-key"),
    path("me/browsers/<int:identity>/test/", me_browsers.test, name="me-browser-test"),
    path("me/browsers/<int:identity>/remove/", me_browsers.remove, name="me-browser-remove"),
    path("me/export/", me_export.export, name="me-export"),
    path("me/export/<uuid:identity>/", me_export.fetch, name="me-export-file"),
]
