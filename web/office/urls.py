"""Addresses of the administrators' screens."""

from web.guarding import page
from web.office import credentials, nurses, pages, shifts

NURSE = "office/nurses/<uuid:nurse_id>"
HELD = "office/<uuid:nurse_id>/<str:kind>/<uuid:row_id>"

urlpatterns = [
    page("office/", nurses.nurses, name="office"),
    page("office/nurses/new", nurses.new_nurse),
    page(NURSE, nurses.nurse),
    page(f"{NURSE}/close", nurses.close),
    page(f"{NURSE}/open", nurses.open_again),
    page(f"{NURSE}/licences", credentials.add_licence),
    page(f"{NURSE}/certificates", credentials.add_certificate),
    page(f"{HELD}/renew", credentials.renew),
    page(f"{HELD}/end", credentials.end),
    page("office/shifts/", shifts.shifts),
    page("office/shifts/<uuid:shift_id>/remove", shifts.remove),
    page("office/protocols/", pages.protocols),
    page("office/market/", pages.market),
]
