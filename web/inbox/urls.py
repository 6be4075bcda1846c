"""Addresses of the prescribers' screens."""

from web.guarding import page
from web.inbox.pages import inbox

urlpatterns = [
    page("inbox/", inbox, name="inbox"),
]
