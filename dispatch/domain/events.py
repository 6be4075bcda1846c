"""What has happened, in the past tense; ids only, so that no health data leaves the database."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """Its fields are ids; a reaction takes them by name."""


@dataclass(frozen=True, slots=True)
class VisitEvent(Event):
    visit_id: UUID


@dataclass(frozen=True, slots=True)
class PatientEvent(Event):
    patient_id: UUID


@dataclass(frozen=True, slots=True)
class SeriesEvent(Event):
    series_id: UUID


@dataclass(frozen=True, slots=True)
class TextReceived(Event):
    """Somebody wrote to us."""

    text_id: UUID


class ClearanceLost(PatientEvent):
    """An answer of the patient took a clearance away."""


class ClearanceGiven(PatientEvent):
    """The patient is cleared for a treatment that they were not cleared for before."""


class VisitBooked(VisitEvent):
    """A visit was booked: with a slot's witness, or for a time still to be found."""


class VisitAssigned(VisitEvent):
    """A nurse has the visit; its window is promised."""


class VisitUnassigned(VisitEvent):
    """Nobody has the visit any more; it keeps its window and wants a nurse again."""


class VisitRescheduled(VisitEvent):
    """The visit moved to another window; what was planned for the old one is void."""


class VisitCancelled(VisitEvent):
    """The visit will not take place."""


class VisitSuspended(VisitEvent):
    """The visit has to wait, for a clearance or with its series; its time was given back."""


class CompanionNamed(VisitEvent):
    """The patient named who stays or drives; that person is to be asked."""


class CompanionAnswered(VisitEvent):
    """Whoever was asked to stay or to drive said yes or no."""


class NurseChanged(VisitEvent):
    """Another nurse comes than the one that the patient was told."""


class VisitProgressed(VisitEvent):
    """Something happened at the door by which the visit's end is to be expected anew."""


class ArrivalMoved(VisitEvent):
    """The nurse is expected later than the window or than the patient was told, or sooner again."""


class VisitEnded(VisitEvent):
    """The nurse completed the visit."""


class VisitBroken(VisitEvent):
    """The visit was aborted, or nobody was there: what was planned after it is void."""


class CustodySettled(VisitEvent):
    """The visit's vials balance, and a second person has signed what needs it."""


class SeriesBooked(SeriesEvent):
    """All that the series held was booked."""


class SeriesPaused(SeriesEvent):
    """The rest of the series waits until a prescriber has looked."""


class SeriesResumed(SeriesEvent):
    """A prescriber has looked; the series goes on."""


class SeriesCancelled(SeriesEvent):
    """All that was still to come of the series was called off."""


EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        ClearanceLost,
        ClearanceGiven,
        VisitBooked,
        VisitAssigned,
        VisitUnassigned,
        VisitRescheduled,
        VisitCancelled,
        VisitSuspended,
        CompanionNamed,
        CompanionAnswered,
        NurseChanged,
        VisitProgressed,
        ArrivalMoved,
        VisitEnded,
        VisitBroken,
        CustodySettled,
        SeriesBooked,
        SeriesPaused,
        SeriesResumed,
        SeriesCancelled,
        TextReceived,
    )
}
