"""Who may have written from a number, and what was said to it last: what a reply can be about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from dispatch.domain.channels import Channel, Language
from dispatch.domain.errors import NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.messages import Audience, Kind
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import ENDED
from dispatch.models import (
    Companion,
    CompanionRequest,
    InboundText,
    Market,
    MessageAttempt,
    Patient,
    Stop,
    TextReply,
    Visit,
)
from dispatch.models.encrypted import blind_indexes
from dispatch.selectors.companions import answer_now
from dispatch.selectors.protocols import protocol_of

ASKS = frozenset(
    {
        Kind.COMPANION_REQUEST.value,
        Kind.COMPANION_REMINDER.value,
        Kind.RESCHEDULED.value,
    }
)
"""Kinds by which a companion is asked whether they will be there."""
WANTS_A_NAME = frozenset(
    {
        Kind.COMPANION_MISSING.value,
        Kind.COMPANION_DECLINED.value,
        Kind.COMPANION_REMINDER.value,
        Kind.ON_HOLD.value,
    }
)
"""Kinds by which a patient is asked to name somebody."""
CONFIRMED, NUMBER_WANTED = "confirmed", "number_wanted"
"""Answers of ours to which a reply can be plain."""


@dataclass(frozen=True, slots=True)
class Said:
    """The last text that went to a number: a message to somebody, or our answer to a text."""

    attempt: MessageAttempt | None
    reply: TextReply | None

    @property
    def visit_id(self) -> UUID | None:
        if self.attempt is not None:
            return self.attempt.message.visit_id
        return None if self.reply is None else self.reply.text.visit_id


@dataclass(frozen=True, slots=True)
class Asked:
    """The one question that a yes or a no can answer; only a no where the answer was yes before."""

    request: CompanionRequest
    move: int
    takes_yes: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit for which its patient may name somebody; ``before`` is the text that named whom."""

    visit: Visit
    before: InboundText | None


def is_stopped(number: str) -> bool:
    """Whether nothing may go to this number, in E.164, by text just now."""
    stops = Stop.objects.filter(channel=Channel.TEXT.value, address_index__in=blind_indexes(number))
    return stops.filter(started_at__isnull=True).exists()


def last_stop(number: str) -> Stop | None:
    """Return the number's last stop, whether it still stands or not."""
    stops = Stop.objects.filter(channel=Channel.TEXT.value, address_index__in=blind_indexes(number))
    return stops.order_by("-stopped_at", "-id").first()


def market_of(number: str) -> UUID:
    """Return whose dispatchers read what this number writes.

    The market of the people with the number; of several, the one that wrote to it last; of an
    unknown number, the first that is no demo. Raises NotFound where there is no market at all.
    """
    patients, companions = _patients(number), _companions(number)
    markets = {one.market_id for one in (*patients, *companions)}
    if len(markets) > 1 and (last := _last_attempt(number, None)) is not None:
        return last.market_id
    if markets:
        return min(markets)
    first = Market.objects.order_by("is_demo", "id").values_list("id", flat=True).first()
    if first is None:
        raise NotFound("market")
    return first


def patient_of(number: str, market_id: UUID) -> UUID | None:
    """Return the one patient of the market whom a text from this number can concern."""
    patients = {one.id for one in _patients(number) if one.market_id == market_id}
    companions = [one for one in _companions(number) if one.market_id == market_id]
    concerned = patients | {one.patient_id for one in companions}
    return concerned.pop() if len(concerned) == 1 else None


def language_known(number: str) -> Language:
    """Return in which language the people with this number read, English where they differ."""
    patients, companions = _patients(number), _companions(number)
    spoken = {one.language for one in patients} | {one.language for one in companions}
    return Language(spoken.pop()) if len(spoken) == 1 else Language.ENGLISH


def said_before(text: InboundText) -> Said:
    """Return what went to the sender last before they wrote; of tries, the last one counts."""
    attempt = _last_attempt(text.sender, text.received_at)
    replies = TextReply.objects.filter(
        text__sender_index__in=blind_indexes(text.sender), tried_at__lt=text.received_at
    )
    reply = replies.select_related("text__request").order_by("-tried_at").first()
    tried = None if attempt is None else attempt.tried_at
    if reply is not None and reply.tried_at and (tried is None or reply.tried_at > tried):
        return Said(None, reply)
    return Said(attempt, None)


def asked_before(text: InboundText, said: Said, now: datetime) -> Asked | None:
    """Return the question that the sender can have meant; None where there is none, or several."""
    asked = _by_reply(said.reply) if said.reply is not None else _by_message(said.attempt)
    if asked is None:
        return None
    others = _unanswered(_companions(text.sender), now).exclude(id=asked.request.id)
    return None if others.exists() else asked


def wanted_before(text: InboundText, said: Said, now: datetime) -> Wanted | None:
    """Return the visit for which the sender, its patient, can be naming somebody."""
    coming = {one.id: one for one in _without_companion(text, now)}
    if said.visit_id in coming:
        visit = coming[said.visit_id]
        if said.reply is not None and said.reply.template == NUMBER_WANTED:
            return Wanted(visit, said.reply.text)
        if said.attempt is not None and said.attempt.message.kind in WANTS_A_NAME:
            return Wanted(visit, None)
    (only,) = coming.values() if len(coming) == 1 else (None,)
    return None if only is None else Wanted(only, None)


def _patients(number: str) -> QuerySet[Patient]:
    return Patient.objects.filter(phone_index__in=blind_indexes(number))


def _companions(number: str) -> QuerySet[Companion]:
    return Companion.objects.filter(phone_index__in=blind_indexes(number))


def _last_attempt(number: str, before: datetime | None) -> MessageAttempt | None:
    patients, companions = _patients(number), _companions(number)
    asked = CompanionRequest.objects.filter(companion__in=companions)
    concerned = Q(patient__in=patients) | Q(id__in=asked.values("visit_id"))
    tries = MessageAttempt.objects.filter(
        Q(message__person_id__in=patients.values("id"))
        | Q(message__person_id__in=companions.values("id")),
        message__visit__in=Visit.objects.filter(concerned),
        channel=Channel.TEXT.value,
        tried_at__isnull=False,
    )
    if before is not None:
        tries = tries.filter(tried_at__lt=before)
    return tries.select_related("message").order_by("-tried_at").first()


def _by_message(attempt: MessageAttempt | None) -> Asked | None:
    """A message that asks and that the provider has accepted, under a request that still stands."""
    if attempt is None or not attempt.provider_id:
        return None
    message = attempt.message
    if message.kind not in ASKS or message.audience != Audience.COMPANION.value:
        return None
    standing = CompanionRequest.objects.filter(replaced_at__isnull=True)
    request = standing.filter(id=message.about_id).first()
    return None if request is None else Asked(request, message.move, takes_yes=True)


def _by_reply(reply: TextReply) -> Asked | None:
    """Our thanks for a yes, which says that a no may follow, as long as the yes stands."""
    request = reply.text.request
    if reply.template != CONFIRMED or request is None:
        return None
    if request.answer != CompanionAnswer.CONFIRMED.value:
        return None
    return Asked(request, request.move, takes_yes=False)


def _unanswered(companions: QuerySet[Companion], now: datetime) -> QuerySet[CompanionRequest]:
    """Their open questions to which they have not answered, and which a text has asked them."""
    texts = MessageAttempt.objects.filter(
        message__visit_id=OuterRef("visit_id"),
        message__person_id=OuterRef("companion_id"),
        message__move=OuterRef("visit__moves"),
        message__kind__in=ASKS,
        channel=Channel.TEXT.value,
    )
    unanswered = Q(answer=CompanionAnswer.ASKED.value) | ~Q(move=F("visit__moves"))
    return (
        CompanionRequest.objects.filter(unanswered, companion__in=companions)
        .filter(replaced_at__isnull=True, visit__window_end__gt=now)
        .exclude(visit__status__in=[one.value for one in ENDED])
        .filter(Exists(texts))
    )


def _without_companion(text: InboundText, now: datetime) -> list[Visit]:
    """Coming visits of the sender's own that need somebody, and for which nobody has said yes."""
    visits = Visit.objects.filter(
        patient__in=_patients(text.sender), market_id=text.market_id, window_start__gt=now
    ).exclude(status__in=[one.value for one in ENDED])
    return [one for one in visits.select_related("location") if _wants_somebody(one)]


def _wants_somebody(visit: Visit) -> bool:
    rule = protocol_of(visit.protocol_id).companion_rule(LocationKind(visit.location.kind))
    return rule is not None and answer_now(visit) is not CompanionAnswer.CONFIRMED
