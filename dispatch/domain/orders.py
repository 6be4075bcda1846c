"""What a prescriber may order: doses within the protocol's limits, codes that are codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dispatch.domain.errors import Invalid
from dispatch.domain.protocol import Protocol
from dispatch.domain.sentences import Sentence

ICD_10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")


def check_order(
    protocol: Protocol,
    *,
    infusions: int,
    dose_ug_per_kg: int | None,
    until: datetime | None,
    diagnoses: Sequence[str],
    now: datetime,
) -> None:
    """Raise Invalid naming everything that this protocol does not allow."""
    faults = dict(_faults(protocol, infusions, dose_ug_per_kg, until, now))
    if any(ICD_10.fullmatch(one) is None for one in diagnoses):
        faults["diagnoses"] = "ICD-10 codes are written as F33.2 or G89.4."
    elif len(set(diagnoses)) != len(diagnoses):
        faults["diagnoses"] = "A code is named twice."
    if faults:
        raise Invalid(faults)


def _faults(
    protocol: Protocol, infusions: int, dose: int | None, until: datetime | None, now: datetime
) -> Iterator[tuple[str, str]]:
    most = sum(phase.count.max for phase in protocol.series)
    if infusions > most:
        yield "infusions", Sentence("This protocol has at most {most} infusions.", most=most)
    if protocol.drug is None and dose is not None:
        yield "dose_ug_per_kg", "Nothing is dosed in this protocol."
    if protocol.drug is not None:
        limits = protocol.drug.dose_ug_per_kg
        if dose is None or not limits.min <= dose <= limits.max:
            pattern = "Order {least} to {most} µg for each kilogram."
            yield "dose_ug_per_kg", Sentence(pattern, least=limits.min, most=limits.max)
    days = protocol.valid_days.order
    if until is not None and not now < until <= now + timedelta(days=days):
        yield "until", Sentence("An order holds for at most {days} days from now.", days=days)
