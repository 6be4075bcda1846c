"""Texts that people wrote are read, in their order: done where they are plain, else for a person.

The door has kept the text and has obeyed STOP and START already. What is done here is done under
the visit's lock, like everything that changes who stays or drives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from dispatch import accompanying, audit, outbox, schedule, tasking
from dispatch.agreeing import agree_for_companion
from dispatch.domain.channels import Language
from dispatch.domain.contact import Agreement, phone_number
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor, Role
from dispatch.domain.phones import in_e164
from dispatch.domain.replies import (
    Command,
    Meaning,
    Understood,
    language_of,
    meaning_of,
)
from dispatch.domain.tasks import TaskKind
from dispatch.models import Companion, CompanionRequest, InboundText, Patient, TextReply
from dispatch.models.clock import database_now
from dispatch.models.encrypted import blind_index, blind_indexes
from dispatch.selectors.companions import answer_now
from dispatch.selectors.conversations import (
    CONFIRMED,
    NUMBER_WANTED,
    Said,
    asked_before,
    language_known,
    last_stop,
    patient_of,
    said_before,
    wanted_before,
)

READ_BY_A_PERSON = "read_by_a_person"
URGENT_WORDS = "emergency"
MOST_ANSWERS = 8
"""To one number within ``LIMIT_FOR``: machines answer each other without end."""
LIMIT_FOR = timedelta(hours=1)
IN_ANY_CASE = frozenset({"stopped", URGENT_WORDS})
"""Answers that no number of others keeps back: each of them counts by itself."""
TOO_LATE = frozenset({"moved", "wrong_status"})
"""Refusals after which only a person can tell what was meant."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a text led to, and the answer to it: by ``template``, about the text or ``about_id``."""

    led_to: str
    template: str | None
    about_id: UUID | None = None


FOR_A_PERSON = Outcome("person", READ_BY_A_PERSON)
URGENT = Outcome("urgent", URGENT_WORDS)


@transaction.atomic
def read_texts(text_id: UUID, *, now: datetime) -> None:
    """Read what the sender of this text wrote and nobody has read yet, in the order it came."""
    first = InboundText.objects.only("sender", "market_id").get(id=text_id)
    theirs = Q(id=text_id) | Q(sender_index__in=blind_indexes(first.sender))
    unread = InboundText.objects.select_for_update().filter(
        theirs, market_id=first.market_id, read_at__isnull=True
    )
    for text in unread.order_by("received_at", "id"):
        _read(text, now)


def _read(text: InboundText, now: datetime) -> None:
    meaning, said = meaning_of(text.body), said_before(text)
    text.visit_id = said.visit_id
    text.patient_id = patient_of(text.sender, text.market_id)
    outcome = _obeyed(text) if text.command else _acted(text, meaning, said, now)
    text.understood = text.command or meaning.understood.value
    text.led_to, text.read_at = outcome.led_to, database_now()
    text.save(update_fields=["visit", "patient", "request", "understood", "led_to", "read_at"])
    if outcome in {FOR_A_PERSON, URGENT}:
        _give_to_a_person(text, urgent=outcome is URGENT, now=now)
    if outcome.template is not None:
        _reply(text, outcome.template, outcome.about_id or text.id)


def _obeyed(text: InboundText) -> Outcome:
    """What the door did is confirmed: a stop once, however often it is said."""
    if text.command == Command.HELP.value:
        return Outcome("helped", "help")
    stop = last_stop(text.sender)
    about_id = None if stop is None else stop.id
    if text.command == Command.STOP.value:
        return Outcome("stopped", "stopped", about_id)
    return Outcome("started", "started", about_id)


def _acted(text: InboundText, meaning: Meaning, said: Said, now: datetime) -> Outcome:
    match meaning.understood:
        case Understood.EMERGENCY:
            return URGENT
        case Understood.THANKS:
            return Outcome("nothing", None)
        case Understood.YES | Understood.NO if _in_turn(text):
            return _answered(text, meaning, said, now)
        case Understood.NAMES | Understood.NUMBER if _in_turn(text):
            return _named(text, meaning, said, now)
    return FOR_A_PERSON


def _in_turn(text: InboundText) -> bool:
    """Whether nothing that the sender wrote later was read before this."""
    later = InboundText.objects.filter(
        sender_index__in=blind_indexes(text.sender),
        received_at__gt=text.received_at,
        read_at__isnull=False,
    )
    return not later.exists()


def _answered(text: InboundText, meaning: Meaning, said: Said, now: datetime) -> Outcome:
    """A yes or a no to the question asked last, for the visit as it was then."""
    yes = meaning.understood is Understood.YES
    asked = asked_before(text, said, now)
    if asked is None or (yes and not asked.takes_yes):
        return FOR_A_PERSON
    answer = CompanionAnswer.CONFIRMED if yes else CompanionAnswer.DECLINED
    found = CompanionRequest.objects.filter(id=asked.request.id)
    try:
        with transaction.atomic():
            text.request = accompanying.answer(found, answer, move=asked.move, now=now)
    except (NotFound, Conflict) as refusal:
        if refusal.code in TOO_LATE or isinstance(refusal, NotFound):
            return FOR_A_PERSON
        raise
    return Outcome(answer.value, CONFIRMED if yes else "declined")


def _named(text: InboundText, meaning: Meaning, said: Said, now: datetime) -> Outcome:
    """Somebody whom the patient names: known by the number, for which we ask where it is missing.

    A number alone says who is meant only where we have just asked for it.
    """
    wanted = wanted_before(text, said, now)
    if wanted is None or (meaning.understood is Understood.NUMBER and wanted.before is None):
        return FOR_A_PERSON
    text.visit = wanted.visit
    if meaning.phone is None:
        return Outcome("number_wanted", NUMBER_WANTED)
    visit = schedule.lock_visit(wanted.visit.id, now=now)
    by, phone = _texter(visit.patient), _number_for_texts(meaning.phone)
    confirmed = answer_now(visit) is CompanionAnswer.CONFIRMED
    if by is None or phone in {None, text.sender} or confirmed:
        return FOR_A_PERSON
    before = meaning if wanted.before is None else meaning_of(wanted.before.body)
    relation = meaning.relation or before.relation
    try:
        with transaction.atomic():
            companion = _companion(visit.patient, relation, phone, by, now)
            accompanying.name(visit, companion, now=now)
    except Conflict:
        return FOR_A_PERSON
    audit.note(by, "name_by_text", "visit", visit.id, now=now)
    return Outcome("asked", "asked")


def _texter(patient: Patient) -> Actor | None:
    """The account under which a patient acts by text; None where there is none to act under."""
    if patient.user_id is None:
        return None
    return Actor(patient.user_id, Role.PATIENT, patient.market_id, patient.id)


def _number_for_texts(phone: str) -> str | None:
    try:
        return phone_number(phone)
    except ValueError:
        return None


def _companion(patient: Patient, relation: str, phone: str, by: Actor, now: datetime) -> Companion:
    """The patient's companion with this number, kept as they call them where it is a new one."""
    known = Companion.objects.filter(patient=patient, phone_index__in=blind_indexes(phone))
    companion = known.first()
    if companion is None:
        companion = Companion.objects.create(
            market_id=patient.market_id,
            patient=patient,
            name=relation,
            phone=phone,
            phone_index=blind_index(phone),
            language=patient.language,
        )
        audit.note(by, "add", "companion", companion.id, now=now)
    agree_for_companion(companion, Agreement.NAMED_BY_TEXT, by=by, now=now)
    return companion


def _give_to_a_person(text: InboundText, *, urgent: bool, now: datetime) -> None:
    tasking.open_task(
        TaskKind.READ_REPLY,
        text.id,
        market_id=text.market_id,
        patient_id=text.patient_id,
        visit_id=text.visit_id,
        reason="A text sounds like an emergency: read it now." if urgent else "A text to read.",
        now=now,
    )
    if urgent:
        tasking.make_urgent(TaskKind.READ_REPLY, text.id)


def _reply(text: InboundText, template: str, about_id: UUID) -> None:
    """Have the answer sent, once for what it is about, unless it is said too often already."""
    if text.answered or in_e164(text.sender) is None:
        return
    lately = TextReply.objects.filter(
        text__sender_index__in=blind_indexes(text.sender), made_at__gt=database_now() - LIMIT_FOR
    )
    same = lately.filter(template=template)
    if (same if template in IN_ANY_CASE else lately).count() >= MOST_ANSWERS:
        return
    if template == READ_BY_A_PERSON and same.exists():
        return
    spanish = language_of(text.body) is Language.SPANISH
    language = Language.SPANISH if spanish else language_known(text.sender)
    reply = TextReply(
        id=new_id(),
        market_id=text.market_id,
        text=text,
        about_id=about_id,
        template=template,
        language=language.value,
        made_at=database_now(),
    )
    TextReply.objects.bulk_create([reply], ignore_conflicts=True)
    outbox.wake_workers()
