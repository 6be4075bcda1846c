"""Names, phone numbers and places from one fixed seed: the same people on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle

import zipcodes

from dispatch.domain.places import LocationKind
from dispatch.gateways.geocoding import Place, locate

SEED = 20270301

FIRST = (
    "Ada", "Amir", "Beatriz", "Caleb", "Chidi", "Dalia", "Deshawn", "Elena", "Farah", "Gabriel",
    "Grace", "Hana", "Ibrahim", "Ingrid", "Jamal", "Joanna", "Kofi", "Lena", "Luis", "Mara",
    "Mei", "Nadia", "Noor", "Olga", "Omar", "Pilar", "Quentin", "Rosa", "Samir", "Sofia",
    "Tariq", "Uma", "Victor", "Wanda", "Ximena", "Yusuf", "Zara", "Bruno", "Celia", "Dmitri",
)  # fmt: skip
LAST = (
    "Abara", "Bellamy", "Castellan", "Dorsey", "Eastwick", "Farrow", "Galindo", "Hollis",
    "Ivanek", "Jessup", "Kimathi", "Lindqvist", "Marchetti", "Nakano", "Ortega", "Pemberton",
    "Quaye", "Rosenthal", "Salazar", "Thackeray", "Underhill", "Vasquez", "Whitlock", "Yarrow",
    "Zielinski",
)  # fmt: skip
AREA_CODES = ("202", "301", "703", "240", "571")
STREETS = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Hawthorn", "Linden", "Magnolia", "Poplar",
    "Sycamore",
)  # fmt: skip
ZIP_CODES = {
    "DC": (
        "20001", "20002", "20003", "20005", "20007", "20008", "20009", "20010", "20011", "20012",
        "20015", "20016", "20017", "20018", "20019", "20020", "20024", "20032", "20036", "20037",
    ),
    "MD": (
        "20705", "20706", "20707", "20712", "20720", "20737", "20740", "20743", "20744", "20745",
        "20748", "20770", "20774", "20782", "20814", "20815", "20817", "20832", "20850", "20852",
        "20854", "20878", "20895", "20901", "20904", "20906", "20910", "20912",
    ),
    "VA": (
        "20164", "20170", "20190", "22003", "22015", "22030", "22031", "22033", "22041", "22043",
        "22046", "22066", "22079", "22101", "22102", "22150", "22153", "22180", "22182", "22191",
        "22201", "22203", "22204", "22207", "22301", "22304", "22306", "22310", "22314",
    ),
}  # fmt: skip
"""Real ones, within some 40 km of the White House."""

KINDS = (
    *[LocationKind.RESIDENCE] * 6,
    *[LocationKind.HOTEL] * 2,
    LocationKind.OFFICE,
    LocationKind.OTHER,
)
ACCESS_NOTES = {
    LocationKind.RESIDENCE: "Ring the lower bell; the dog is friendly.",
    LocationKind.HOTEL: "The front desk expects the nurse.",
    LocationKind.OFFICE: "Reception on the ground floor calls the lift.",
    LocationKind.OTHER: "Side entrance beside the garden.",
}


@dataclass(frozen=True, slots=True)
class Address:
    kind: LocationKind
    text: str
    zip_code: str
    access_notes: str


class Inventor:
    """Draws people; every name it gives is given once, and every phone number is fictional."""

    def __init__(self) -> None:
        self.draw = random.Random(SEED)  # noqa: S311 - invented people, the same every time
        self._names = self._shuffled_names()
        self._phones = self._fictional_phones()
        self._kinds = cycle(KINDS)

    def name(self) -> str:
        return next(self._names)

    def phone(self) -> str:
        """Return a number of the range 555-0100 to 555-0199, which is nobody's, in E.164."""
        return next(self._phones)

    def address(self, state: str) -> Address:
        return self.address_in(self.draw.choice(ZIP_CODES[state]), next(self._kinds))

    def address_in(self, zip_code: str, kind: LocationKind) -> Address:
        street = f"{self.draw.randint(100, 9900)} {self.draw.choice(STREETS)} Street"
        town = f"{city(zip_code)}, {place(zip_code).state} {zip_code}"
        return Address(kind, f"{street}, {town}", zip_code, ACCESS_NOTES[kind])

    def _shuffled_names(self) -> Iterator[str]:
        names = [f"{first} {last}" for first in FIRST for last in LAST]
        self.draw.shuffle(names)
        return iter(names)

    def _fictional_phones(self) -> Iterator[str]:
        return cycle(f"+1{area}55501{line:02}" for line in range(100) for area in AREA_CODES)


@cache
def place(zip_code: str) -> Place:
    found = locate(zip_code)
    if found is None:
        raise LookupError(f"There is no ZIP code {zip_code}.")
    return found


@cache
def city(zip_code: str) -> str:
    name: str = zipcodes.matching(zip_code)[0]["city"]  # type: ignore[no-untyped-call]
    return name
