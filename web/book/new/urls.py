"""Addresses of a booking's steps."""

from django.urls import register_converter

from web.book.new import held, outcome, papers, places, questions, times, waiting
from web.book.new.address import WayConverter
from web.guarding import page
from web.policy import WAY

register_converter(WayConverter, "way")

urlpatterns = [
    page("book/new/", places.where, name="book_new"),
    page("book/new/<uuid:location_id>", places.what, name="book_new_what"),
    page(f"{WAY}waiting", waiting.waiting, name="book_new_waiting"),
    page(f"{WAY}questions", questions.onward, name="book_new_questions"),
    page(f"{WAY}questions/<int:number>", questions.question, name="book_new_question"),
    page(f"{WAY}questions/<int:number>/help", questions.crisis, name="book_new_help"),
    page(f"{WAY}outcome", outcome.outcome, name="book_new_outcome"),
    page(f"{WAY}times", times.times, name="book_new_times"),
    page(f"{WAY}held/<uuid:held_id>", held.dates, name="book_new_held"),
    page(f"{WAY}held/<uuid:held_id>/companion", held.companion, name="book_new_companion"),
    page(f"{WAY}held/<uuid:held_id>/consent", papers.consent, name="book_new_consent"),
    page(f"{WAY}held/<uuid:held_id>/price", papers.price, name="book_new_price"),
    page(f"{WAY}done/<uuid:booked_id>", papers.done, name="book_new_done"),
]
