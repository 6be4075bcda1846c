"""The kinds of place where a visit can be given; the companion rule hangs on them."""

from enum import StrEnum


class LocationKind(StrEnum):
    RESIDENCE = "residence"
    HOTEL = "hotel"
    OFFICE = "office"
    OTHER = "other"
