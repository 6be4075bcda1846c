"""Addresses of the patients' screens."""

from web.book.new.urls import urlpatterns as new
from web.book.pages import book
from web.guarding import page

urlpatterns = [
    page("book/", book, name="book"),
    *new,
]
