"""Addresses of the preview of messages."""

from web.guarding import page
from web.messages import kinds, pages

urlpatterns = [
    page("messages/", pages.day, name="messages"),
    page("messages/kinds", kinds.kinds, name="message_kinds"),
    page("messages/<uuid:message_id>", pages.text),
    page("messages/<uuid:message_id>/again", pages.again),
]
