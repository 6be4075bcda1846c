"""Addresses of the administrators' screens."""

from web.guarding import page
from web.office.pages import office

urlpatterns = [
    page("office/", office, name="office"),
]
