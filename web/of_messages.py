"""What screens say of messages: kinds, channels, receipts, and why one went or did not go."""

from __future__ import annotations

from web.languages import words

PAGE = "of_messages"


def of_message(key: str) -> str:
    """Return the words for a code, e.g. ``channel__text``; the code itself where there are none."""
    return words(PAGE).get(key, key.rpartition("__")[2].replace("_", " "))


def because_of(code: str) -> str:
    """Return why a message stands as it does; what is in no file is a fault, named as it is."""
    known = words(PAGE)
    return known.get(f"because__{code}") or known["because__other"].format(code=code)
