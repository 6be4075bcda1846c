"""Addresses of the patients' screens."""

from web.book import changing, contact, series, visits
from web.book.new.urls import urlpatterns as new
from web.book.pages import book
from web.guarding import page

VISIT = "book/visits/<uuid:visit_id>"
SERIES = "book/series/<uuid:series_id>"

urlpatterns = [
    page("book/", book, name="book"),
    *new,
    page(VISIT, visits.visit),
    page(f"{VISIT}/place", visits.place),
    page(f"{VISIT}/price", visits.price),
    page(f"{VISIT}/companion", visits.companion),
    page(f"{VISIT}/questions", visits.questions),
    page(f"{VISIT}/consent", visits.consent),
    page(f"{VISIT}/symptom", visits.symptom),
    page(f"{VISIT}/told", visits.told),
    page(f"{VISIT}/help", visits.help_now),
    page(f"{VISIT}/change", changing.change),
    page(f"{VISIT}/cancel", changing.cancel),
    page(SERIES, series.series),
    page(f"{SERIES}/cancel", series.cancel),
    page("book/contact", contact.contact),
    page("book/contact/agree", contact.agree),
    page("book/contact/companions", contact.add),
    page("book/contact/consents/<uuid:consent_id>/withdraw", contact.withdraw),
]
