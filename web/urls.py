"""Addresses of the pages and of the probes."""

from django.urls import include, path

from web import companion, home, probes, rooms, summaries, visits

urlpatterns = [
    path("", home.home),
    path("", include("web.sign_in.urls")),
    path("book/", home.book),
    path("route/", home.route),
    path("board/", home.board),
    path("companion/<str:secret>", companion.companion),
    path("visits/<uuid:visit_id>", home.visit),
    path("m/<str:secret>", visits.visit),
    path("summaries/<str:secret>", summaries.summary),
    path("rooms/<uuid:key>", rooms.room),
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("metrics", probes.metrics),
]
