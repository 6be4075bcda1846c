"""Addresses of the pages and of the probes."""

from django.urls import include, path
from django.views.i18n import set_language

from web import companion, home, places, probes, rooms, summaries, visits

urlpatterns = [
    path("", home.home),
    path("language", set_language, name="language"),
    path("", include("web.sign_in.urls")),
    path("", include("web.board.urls")),
    path("", include("web.messages.urls")),
    path("", include("web.book.urls")),
    path("", include("web.route.urls")),
    path("", include("web.inbox.urls")),
    path("", include("web.office.urls")),
    path("companion/<str:secret>", companion.companion),
    path("visits/<uuid:visit_id>", home.visit),
    path("m/<str:secret>", visits.visit),
    path("summaries/<str:secret>", summaries.summary),
    path("rooms/<uuid:key>", rooms.room),
    path("map/places.json", places.places, name="places"),
    path("map/area.json", places.area, name="area"),
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("metrics", probes.metrics),
]
