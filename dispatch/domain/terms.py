"""The terms of a protocol: durations, bookable hours, series, papers, unapproved rules."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from dispatch.domain.fields import FieldError, Fields

LONGEST_DAYS = 3650


@dataclass(frozen=True)
class QuestionnaireRef:
    """The questionnaire that screens for a protocol, in one version."""

    code: str
    version: int


@dataclass(frozen=True)
class Phases:
    """The parts of a visit on site, one after the other, in seconds; recovery lies between."""

    setup_s: int
    infusion_s: int
    wrap_up_s: int


@dataclass(frozen=True)
class Booking:
    """Which times may be offered: local hours, grid, width of the window, least lead time."""

    first_start: time
    last_start: time
    grid_minutes: int
    arrival_window_s: int
    notice_s: int

    def starts(self) -> tuple[time, ...]:
        """Return the local times at which an arrival window may open; the last one included."""
        first = self.first_start.hour * 60 + self.first_start.minute
        last = self.last_start.hour * 60 + self.last_start.minute
        return tuple(time(*divmod(at, 60)) for at in range(first, last + 1, self.grid_minutes))


@dataclass(frozen=True)
class Range:
    """The least, the usual and the greatest number."""

    min: int
    target: int
    max: int


class Requirement(StrEnum):
    """What must be on record before a phase of a series may be booked."""

    INDUCTION_COMPLETED = "induction_completed"
    RESPONSE_RECORDED = "response_recorded"
    SIGNIFICANT_IMPROVEMENT = "significant_improvement"
    THERAPY_NAMED = "therapy_named"


@dataclass(frozen=True)
class SeriesPhase:
    """A part of the series; `requires` is what must be on record before it begins.

    `gap_days` lies between two of its visits, and between its first and the phase before. The
    suggested gap grows by `gap_grows_percent` from each visit to the next, up to the greatest.
    """

    code: str
    count: Range
    gap_days: Range
    gap_grows_percent: int
    requires: tuple[Requirement, ...]


@dataclass(frozen=True)
class ValidDays:
    """For how many days each paper holds."""

    clearance: int
    order: int
    consent: int


@dataclass(frozen=True)
class Consent:
    """The wording that the patient signs."""

    version: int
    off_label: bool
    text: str


@dataclass(frozen=True)
class ExtraRule:
    """A rule that is common elsewhere and binds here only once a clinician has approved it."""

    code: str
    text: str
    approved: bool


def read_questionnaire_ref(fields: Fields) -> QuestionnaireRef:
    """Read the field `questionnaire`, written as code@version."""
    code, _, version = fields.text("questionnaire").partition("@")
    if not code or not version.isdecimal():
        raise FieldError(fields.at("questionnaire"), "must be written as code@version")
    return QuestionnaireRef(code, int(version))


def read_phases(fields: Fields) -> Phases:
    """Read the phases on site."""
    phases = Phases(
        setup_s=fields.whole("setup"),
        infusion_s=fields.whole("infusion", 1),
        wrap_up_s=fields.whole("wrap_up"),
    )
    fields.reject_unknown()
    return phases


def read_booking(fields: Fields) -> Booking:
    """Read when visits may begin."""
    booking = Booking(
        first_start=fields.clock("first_start"),
        last_start=fields.clock("last_start"),
        grid_minutes=fields.whole("grid_minutes", 1),
        arrival_window_s=fields.whole("arrival_window_s", 1),
        notice_s=fields.whole("notice_s"),
    )
    if booking.last_start < booking.first_start:
        raise FieldError(fields.at("last_start"), "must not be before first_start")
    fields.reject_unknown()
    return booking


def read_range(fields: Fields) -> Range:
    """Read three numbers in ascending order."""
    found = Range(fields.whole("min"), fields.whole("target"), fields.whole("max"))
    if not found.min <= found.target <= found.max:
        raise FieldError(fields.path, "must have min, target and max in ascending order")
    fields.reject_unknown()
    return found


def read_series_phase(fields: Fields) -> SeriesPhase:
    """Read one phase of the series."""
    phase = SeriesPhase(
        code=fields.text("code"),
        count=read_range(fields.child("count")),
        gap_days=read_range(fields.child("gap_days")),
        gap_grows_percent=fields.whole("gap_grows_percent"),
        requires=fields.several_of("requires", Requirement),
    )
    fields.reject_unknown()
    return phase


def read_valid_days(fields: Fields) -> ValidDays:
    """Read how long the papers hold."""
    papers = ("clearance", "order", "consent")
    days = ValidDays(*(fields.whole(name, 1, LONGEST_DAYS) for name in papers))
    fields.reject_unknown()
    return days


def read_consent(fields: Fields) -> Consent:
    """Read the consent."""
    consent = Consent(fields.whole("version", 1), fields.flag("off_label"), fields.text("text"))
    fields.reject_unknown()
    return consent


def read_extra_rule(code: str, fields: Fields) -> ExtraRule:
    """Read one extra rule."""
    rule = ExtraRule(code, fields.text("text"), fields.flag("approved"))
    fields.reject_unknown()
    return rule
