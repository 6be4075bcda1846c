"""Every reading operation that is answered, as somebody who may ask, in the tests' town."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.api.town import Town
from tests.builders import KETAMINE, TODAY, TOMORROW

DAYS = f"from={TODAY}&to={TOMORROW}"


@dataclass(frozen=True)
class Read:
    role: str
    path: Callable[[Town], str]


def of(role: str, path: str) -> Read:
    """``{names}`` in a path are of the town's: ``{visit}`` is the id of its visit."""

    def filled(town: Town) -> str:
        return path.format_map(_Ids(town))

    return Read(role, filled)


class _Ids(dict[str, str]):
    def __init__(self, town: Town) -> None:
        super().__init__()
        self.town = town

    def __missing__(self, name: str) -> str:
        found = getattr(self.town, name)
        for inner in ("person_id", "id"):
            found = getattr(found, inner, found)
        return str(found)


READS = [
    of("alice", "me"),
    of("bob", "patients?page_size=1"),
    of("bob", "patients/{alice}/coverage"),
    of("dora", f"patients/{{alice}}/course?protocol={KETAMINE}"),
    of("bob", "nurses"),
    of("bob", "locations?patient={alice}&page_size=1"),
    of("bob", "companions?patient={alice}"),
    of("nina", f"nurses/me/route?date={TOMORROW}"),
    of("alice", "protocols"),
    of("dora", f"protocols/{KETAMINE}/versions"),
    of("bob", f"screenings/answers?protocol={KETAMINE}&patient={{alice}}"),
    of("alice", "screenings/{for_review}"),
    of("dora", "orders?patient={alice}"),
    of("alice", "consents"),
    of("alice", f"slots?protocol={KETAMINE}&location={{home}}&from={TOMORROW}&to={TOMORROW}"),
    of("alice", "series/{series}"),
    of("alice", "series/{given}/dashboard"),
    of("bob", f"visits?{DAYS}&status=assigned&nurse={{nina}}&expand=location,companion"),
    of("bob", "visits/{assigned}?expand=patient,nurse"),
    of("nina", "visits/{assigned}/questions"),
    of("bob", "visits/{overridden}/overrides"),
    of("bob", "visits/{visit}/candidates"),
    of("alice", "visits/{completed}/superbill"),
    of("dora", "visits/{completed}/record"),
    of("dora", "visits/{completed}/custody"),
    of("bob", "messages?visit={assigned}"),
    of("bob", "messages/engine"),
    of("bob", f"board?market={{market}}&date={TOMORROW}"),
    of("bob", "plans/{plan}"),
    of("bob", "repairs/{repair}"),
    of("anna", "supervisions"),
    of("anna", "vials?state=in_stock"),
    of("dora", "custody/to-sign"),
    of("dora", f"custody/inventory?{DAYS}"),
    of("bob", "tasks?state=open"),
    of("bob", f"verifications?{DAYS}"),
    of("alice", "consults"),
    of("alice", "sharing-terms"),
    of("alice", "sharing-consents"),
    of("anna", "webhooks"),
    of("anna", "webhooks/{webhook}"),
    of("anna", "webhooks/{webhook}/deliveries?state=due"),
    of("alice", "contact/terms"),
    of("alice", "contact"),
    of("bob", "inbound-texts?state=open"),
    of("anna", "service-accounts"),
    of("alice", "patients/me/export"),
    of("nina", "nurses/me/calendar-link"),
    of("nina", "calendars/{calendar}.ics"),
    of("bob", "break-glass"),
    of("bob", "break-glass/{broken}/record"),
]
MADE_FIRST = {
    "webhooks/": "delivery", "webhooks": "webhook", "supervisions": "duty", "vials": "vial",
    "custody/to-sign": "unsigned", "custody/inventory": "vial", "tasks": "task",
    "verifications": "verification", "consults": "consult", "sharing-consents": "sharing",
    "consents": "consent", "orders": "changed_order", "messages?": "assigned",
    "visits?": "assigned", "service-accounts": "program", "break-glass": "broken",
    "nurses/me/route": "assigned", "board": "assigned", "companions": "carl",
}  # fmt: skip
"""What a list shows, by how its address begins."""


def path_of(read: Read, town: Town) -> str:
    for begins, name in MADE_FIRST.items():
        if read.path(town).startswith(begins):
            assert getattr(town, name) is not None
    return read.path(town)
