"""The ways by which a message can reach a person, and what goes along them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """How a person is reached."""

    TEXT = "text"
    EMAIL = "email"
    PUSH = "push"


class Receipt(StrEnum):
    """What a provider told later of something it had accepted."""

    DELIVERED = "delivered"
    FAILED = "failed"


class Language(StrEnum):
    """A language that every message is written in."""

    ENGLISH = "en"
    SPANISH = "es"


USUAL = (Channel.TEXT, Channel.EMAIL, Channel.PUSH)
"""In which order a person is tried who has not asked for another."""


@dataclass(frozen=True, slots=True)
class Way:
    """One channel to a person, and their address on it."""

    channel: Channel
    address: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person may be reached just now: ways in the order in which they are tried, without
    those that they have not agreed to or have stopped; the language that they read; and the zone
    whose clocks they live by, where it is not the visit's."""

    language: Language
    ways: tuple[Way, ...]
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as it is handed to a carrier; the same ``key`` twice is one message.

    ``subject`` is for channels that have one. ``tried_since`` is when a try whose outcome is not
    known was begun, where there was one: a carrier that knows no keys looks for it first,
    and passes over ``others``: the provider's ids of other things said to this address.
    ``good_until`` is when the try has lost its lease: what has not left by then must not leave.
    Both by the database's clock.
    """

    key: str
    to: str
    subject: str
    body: str
    link: str | None
    tried_since: datetime | None
    good_until: datetime
    others: frozenset[str] = frozenset()
