"""What the business refuses, each with a stable code that the doors turn into an answer."""

from collections.abc import Mapping, Sequence
from typing import Any


class DispatchError(Exception):
    """A refusal: ``code`` is stable, ``message`` is for people, ``facts`` are data for programs."""

    def __init__(self, code: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts


class Invalid(DispatchError):
    """The input is wrong; ``fields`` maps a field's name to a sentence about it."""

    def __init__(self, fields: Mapping[str, str | Sequence[str]], code: str = "invalid") -> None:
        super().__init__(code, "The request has fields that cannot be accepted.")
        self.fields = fields


class NotFound(DispatchError):
    """There is no such thing, or not for this person: the two cannot be told apart."""

    def __init__(self, thing: str) -> None:
        super().__init__("not_found", f"There is no such {thing}.")
        self.thing = thing


class Forbidden(DispatchError):
    """The person may not do this, whatever the object."""


class Conflict(DispatchError):
    """The world has moved on: the slot is taken, the status forbids it, the version is old."""


class TooMany(DispatchError):
    """Too often within too short a time; ``retry_after_s`` whole seconds on, it may be tried."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("too_many_requests", "That was too often; try again later.")
        self.retry_after_s = retry_after_s
