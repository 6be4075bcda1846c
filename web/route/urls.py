"""Addresses of the nurse's screens."""

from django.urls import path

from web.guarding import page
from web.route.asking import before
from web.route.ending import end, sign
from web.route.pages import pack, route, visit
from web.route.worker import keep, manifest, unkept, worker

urlpatterns = [
    page("route/", route, name="route"),
    page("route/kit", pack, name="route_kit"),
    page("route/visits/<uuid:visit_id>", visit, name="route_visit"),
    page("route/visits/<uuid:visit_id>/before", before, name="route_before"),
    page("route/end", end, name="route_end"),
    page("route/end/<uuid:entry_id>/sign", sign, name="route_sign"),
    page("route/keep.json", keep),
    page("route/unkept", unkept),
    path("route/worker.js", worker),
    path("route/manifest.webmanifest", manifest, name="route_manifest"),
]
