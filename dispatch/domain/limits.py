"""How often anybody may do what, in one table; an installation changes rows of it by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MINUTE = 60
HOUR = 60 * MINUTE
QUARTER = 15 * MINUTE

WRITTEN = re.compile(r"(?P<name>[a-z_]+)=(?P<times>[1-9]\d{0,8})/(?P<seconds>[1-9]\d{0,5})")
NO_LIMIT = 10**9 - 1


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so many seconds; the seconds run from the first time on.

    After the last second counting begins anew, so that any stretch of that length sees at most
    twice the number.
    """

    times: int
    seconds: int


LIMITS = {
    "anonymous": Limit(300, MINUTE),  # each address, at doors and pages without sign-in
    "bad_token": Limit(300, MINUTE),  # each address, access and refresh tokens that are none
    "booking": Limit(60, MINUTE),  # each user: holds, visits, series, moves
    "break_glass": Limit(10, HOUR),  # each user: records opened in an emergency
    "exports": Limit(60, HOUR),  # each user: papers and whole records
    "hooks": Limit(300, MINUTE),  # each address and provider: calls without a right signature
    "refresh": Limit(20, MINUTE),  # each sign-in
    "sign_in_address": Limit(60, MINUTE),  # each address: a clinic behind one is let in
    "sign_in_name": Limit(30, QUARTER),  # each name, from wherever else it is tried
    "user": Limit(1_200, MINUTE),  # each user, for all there is
}

TRIES = 5
"""Wrong passwords or codes, each name from each address, until it is locked out …"""
LOCKED_S = QUARTER
"""… for so long after the last of them."""


def parse_limits(text: str) -> Mapping[str, Limit]:
    """Return the table with the rows of ``name=times/seconds,…`` in place of its own.

    Raises ValueError for a row that cannot be read or that the table does not have.
    """
    limits = dict(LIMITS)
    for row in filter(None, (part.strip() for part in text.split(","))):
        found = WRITTEN.fullmatch(row)
        if found is None or found["name"] not in LIMITS:
            raise ValueError(f"LIMITS has no row {row!r}: write name=times/seconds.")
        limits[found["name"]] = Limit(int(found["times"]), int(found["seconds"]))
    return limits


def lifted() -> str:
    """Return what to set LIMITS to where nobody is to be limited: for tests and benchmarks."""
    return ",".join(f"{name}={NO_LIMIT}/{MINUTE}" for name in LIMITS)
