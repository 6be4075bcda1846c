"""What a batch of messages is judged by, and worded from: all of it read at one moment.

However many messages there are, the number of queries is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain.channels import Reach, Way
from dispatch.domain.messages import STAFF, Audience, Kind
from dispatch.domain.sending import Situation
from dispatch.domain.visit import Status
from dispatch.models import Message, MessageAttempt, Visit
from dispatch.selectors.companions import answer_now
from dispatch.selectors.contacts import reach_of
from dispatch.selectors.messages import NOTHING_SENT, Told, told_starts

UNREAD = ("location__address", "location__access_notes", "ended_because", "unassigned_because")
"""Columns of a visit that no message tells of, and that cost a decryption each."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The visits of some messages, who can be reached how, and what they were told and sent.

    ``agreed`` are the consents that stand of those to whom a summary goes.
    """

    visits: Mapping[UUID, Visit]
    reach: Mapping[UUID, Reach]
    told: Mapping[tuple[UUID, UUID, int], Sequence[Told]]
    tries: Mapping[UUID, Sequence[MessageAttempt]]
    agreed: Collection[UUID]

    def situation(self, message: Message) -> Situation:
        """Return the message's visit as it now is."""
        visit = self.visits[message.visit_id]
        shared = Audience(message.audience) is Audience.PROVIDER
        return Situation(
            status=Status(visit.status),
            treated=visit.infusion_started_at is not None,
            window_start=visit.window_start,
            moves=visit.moves,
            planned_after=message.move,
            companion_named=visit.companion_id is not None,
            answer=answer_now(visit),
            right_person=shared or message.audience in STAFF or _concerns(visit, message),
            has_nurse=visit.reservation_id is not None,
            window_end=visit.window_end,
            consent_withdrawn=shared and message.person_id not in self.agreed,
            expected=None if visit.reservation is None else visit.reservation.start_at,
            told=self._told(message),
        )

    def _told(self, message: Message) -> datetime | None:
        """What they were told last by any other message: a try of this one is no reason against
        another one."""
        told = self.told.get((message.visit_id, message.person_id, message.move), [])
        return next((one.start for one in reversed(told) if one.message_id != message.id), None)

    def way(self, message: Message) -> Way | None:
        """Return the first way to the person that has not failed; None where none is left."""
        reach = self.reach.get(message.person_id)
        failed = {
            (one.channel, one.recipient)
            for one in self.tries.get(message.id, ())
            if _step(one) < message.step
        }
        ways = () if reach is None else reach.ways
        return next((way for way in ways if (way.channel, way.address) not in failed), None)

    def tried_since(self, message: Message) -> datetime | None:
        """Return when a try under this key was begun after which the provider may have it."""
        tries = [one for one in self.tries.get(message.id, ()) if one.key == message.key]
        perhaps = [one.tried_at for one in tries if one.outcome not in NOTHING_SENT]
        return min((moment for moment in perhaps if moment is not None), default=None)


def facts_of(messages: Collection[Message], agreed: Collection[UUID]) -> Facts:
    """Read what the messages, whose visits are locked, are judged by."""
    ids = {message.visit_id for message in messages}
    visits = Visit.objects.select_related("location", "market", "reservation").defer(*UNREAD)
    people = {(Audience(one.audience), one.person_id) for one in messages}
    return Facts(
        visits=visits.prefetch_related("companion_requests").in_bulk(ids),
        reach=reach_of(one for one in people if one[0] not in STAFF),
        told=told_starts(ids),
        tries=_tries(one.id for one in messages if one.attempts or one.step),
        agreed=agreed,
    )


def _concerns(visit: Visit, message: Message) -> bool:
    """Whether the person has to do with the visit; that they have no more is told to the others."""
    if message.kind == Kind.COMPANION_REPLACED:
        return message.person_id != visit.companion_id
    return message.person_id in {visit.patient_id, visit.companion_id}


def _tries(ids: Iterable[UUID]) -> dict[UUID, list[MessageAttempt]]:
    found: dict[UUID, list[MessageAttempt]] = {}
    for one in MessageAttempt.objects.filter(message_id__in=list(ids)).defer("body", "subject"):
        found.setdefault(one.message_id, []).append(one)
    return found


def _step(attempt: MessageAttempt) -> int:
    """Which step of its message a try was of, as its key says."""
    return int(attempt.key.partition(".")[2] or 0)
