"""The kinds of place where a visit can be given; the companion rule hangs on them. Addresses."""

from enum import StrEnum


class LocationKind(StrEnum):
    RESIDENCE = "residence"
    HOTEL = "hotel"
    OFFICE = "office"
    OTHER = "other"


def in_words(address: str, zip_code: str, state: str = "") -> str:
    """Return where a place is, in one line: with state and ZIP code unless people wrote the code
    with the street already."""
    if zip_code in address.split()[1:]:
        return address
    return f"{address}, {state} {zip_code}" if state else f"{address}, {zip_code}"
