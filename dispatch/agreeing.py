"""Consents to be sent messages: the only code that writes them, and the lock on whether they stand.

Whoever begins to send holds that lock together with others of its kind; whoever takes a consent
back, or stops an address, holds it alone. So once a stop is committed nothing is begun against it.
It is taken before any row that a sender takes: the statements after it see what was committed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from dispatch import audit
from dispatch.domain.channels import Channel
from dispatch.domain.contact import Agreement
from dispatch.domain.people import Actor
from dispatch.models import Companion, ContactConsent
from dispatch.models.encrypted import blind_index, blind_indexes
from dispatch.selectors.contact_card import contact_terms

KEY = 3
"""The key of this service's advisory locks on what people agreed to."""


def hold_for_sending() -> None:
    """Until the transaction ends nobody stops an address or takes a consent back; waits for those
    who do just now."""
    _lock("pg_advisory_xact_lock_shared")


def hold_for_stopping() -> None:
    """Wait for what is being begun; until the transaction ends nothing else is."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, 0)", [KEY])


def agree(
    person_id: UUID, channel: Channel, address: str, wording: str, *, by: Actor, now: datetime
) -> UUID:
    """Keep that a person agreed, by whom it was said and to which words; return the consent's id.

    One that stands stays as it is. The caller holds the person's lock.
    """
    given = ContactConsent.objects.filter(
        person_id=person_id,
        channel=channel.value,
        address_index__in=blind_indexes(address),
        withdrawn_at__isnull=True,
    ).first()
    if given is not None:
        return given.id
    consent = ContactConsent.objects.create(
        market_id=by.market_id,
        person_id=person_id,
        channel=channel.value,
        address_index=blind_index(address),
        wording=wording,
        given_at=now,
        given_by_id=by.user_id,
    )
    audit.note(by, "agree", "contact_consent", consent.id, now=now)
    return consent.id


def agree_for_companion(
    companion: Companion,
    how: Agreement = Agreement.COMPANION_NAMED,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Keep what whoever names a companion says of them: that they agreed to be written to.

    ``how`` is to which words: those of the form, or those of our texts.
    """
    terms = contact_terms(companion.language)
    addresses = {Channel.TEXT: companion.phone, Channel.EMAIL: companion.email}
    for channel, address in addresses.items():
        if address:
            agree(companion.id, channel, address, terms.wording(how), by=by, now=now)
