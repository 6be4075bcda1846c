"""Addresses of the administrators' screens."""

from web.guarding import page
from web.office import accounts, credentials, market, nurses, pages, shifts, weeks

NURSE = "office/nurses/<uuid:nurse_id>"
ACCOUNT = "office/accounts/<uuid:user_id>"
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
    page(f"{NURSE}/week", weeks.week),
    page(f"{NURSE}/week/<uuid:rule_id>/end", weeks.end),
    page(f"{NURSE}/days", weeks.other_day),
    page(f"{NURSE}/days/<uuid:exception_id>/undo", weeks.undo),
    page("office/accounts/", accounts.accounts),
    page("office/accounts/new", accounts.new_account),
    page(ACCOUNT, accounts.account),
    page(f"{ACCOUNT}/link", accounts.link),
    page(f"{ACCOUNT}/second-factor", accounts.second_factor),
    page(f"{ACCOUNT}/sign-ins", accounts.sign_ins),
    page(f"{ACCOUNT}/close", accounts.close),
    page(f"{ACCOUNT}/open", accounts.open_again),
    page("office/protocols/", pages.protocols),
    page("office/market/", market.market),
]
