"""Addresses of the nurse's screens."""

from web.guarding import page
from web.route.pages import route

urlpatterns = [
    page("route/", route, name="route"),
]
