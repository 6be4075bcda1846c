"""What each line to a provider can take just now: asked once a batch, shared by every process.

A line without a limit that answers is only read. One that is open, or limited, is locked for the
rest of the caller's transaction, after the messages and in the order of the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from dispatch.domain.channels import Channel
from dispatch.domain.lines import Admission, Line, admit, after, is_open
from dispatch.models import CarrierLine

FIELDS = ["failures", "open_until", "tokens", "filled_at"]


@dataclass(frozen=True, slots=True, order=True)
class LineName:
    """One channel by one carrier."""

    carrier: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Called:
    """How the calls on a line went, in order: answered or not; the longest wait it asked for."""

    answers: tuple[bool, ...] = ()
    wait_s: float = 0.0

    def and_then(self, *, answered: bool, wait_s: float) -> Called:
        return replace(self, answers=(*self.answers, answered), wait_s=max(self.wait_s, wait_s))


def admitted(wanted: Mapping[LineName, int], *, clock: datetime) -> Mapping[LineName, Admission]:
    """Return, for each line, how many of the messages may be handed over now."""
    seen = _rows(wanted)
    return {name: _admitted(seen.get(name), name, wanted[name], clock) for name in sorted(wanted)}


def note_called(lines: Mapping[LineName, Called], *, clock: datetime) -> None:
    """Count the calls that were not answered in a row; one that was closes the line."""
    for name in sorted(lines):
        called = lines[name]
        if all(called.answers):
            answering = CarrierLine.objects.filter(carrier=name.carrier, channel=name.channel.value)
            answering.filter(failures__gt=0).update(failures=0, open_until=None)
        else:
            row = _locked(name, clock)
            _write(row, after(_line(row), called.answers, called.wait_s, clock))


def _admitted(row: CarrierLine | None, name: LineName, wanted: int, clock: datetime) -> Admission:
    per_s = settings.MESSAGES_PER_S[name.channel.value]
    if not per_s and (row is None or not is_open(_line(row))):
        return Admission(wanted)
    row = _locked(name, clock)
    line, admission = admit(_line(row), wanted, per_s, clock)
    _write(row, line)
    return admission


def _rows(names: Iterable[LineName]) -> dict[LineName, CarrierLine]:
    rows = CarrierLine.objects.filter(carrier__in={name.carrier for name in names})
    return {LineName(row.carrier, Channel(row.channel)): row for row in rows}


def _locked(name: LineName, clock: datetime) -> CarrierLine:
    per_s = settings.MESSAGES_PER_S[name.channel.value]
    first = CarrierLine(
        carrier=name.carrier, channel=name.channel.value, tokens=max(per_s, 1.0), filled_at=clock
    )
    CarrierLine.objects.bulk_create([first], ignore_conflicts=True)
    locked = CarrierLine.objects.select_for_update()
    return locked.get(carrier=name.carrier, channel=name.channel.value)


def _line(row: CarrierLine) -> Line:
    return Line(row.failures, row.open_until, row.tokens, row.filled_at)


def _write(row: CarrierLine, line: Line) -> None:
    row.failures, row.open_until = line.failures, line.open_until
    row.tokens, row.filled_at = line.tokens, line.filled_at
    row.save(update_fields=FIELDS)
