"""Addresses of the nurse's screens."""

from web.guarding import page
from web.route.asking import before
from web.route.pages import pack, route, visit

urlpatterns = [
    page("route/", route, name="route"),
    page("route/kit", pack, name="route_kit"),
    page("route/visits/<uuid:visit_id>", visit, name="route_visit"),
    page("route/visits/<uuid:visit_id>/before", before, name="route_before"),
]
