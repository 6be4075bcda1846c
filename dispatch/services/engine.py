"""The delivery engine's own row: noticing a restored database, holding, releasing, taking turns."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from dispatch.domain.reconciling import Found, HeldBecause
from dispatch.models import DeliveryEngine, Message, MessageAttempt
from dispatch.models.clock import DATABASE_CLOCK, database_now
from dispatch.selectors.engine import fingerprint
from dispatch.selectors.reconciling import ASKED


def look_at_database() -> None:
    """Make the row where there is none yet; hold where the database is not the one it tells of."""
    found = fingerprint()
    known = DeliveryEngine.objects.values_list("fingerprint", flat=True).first()
    if known is None:
        new = DeliveryEngine(fingerprint=found, look_at=database_now())
        DeliveryEngine.objects.bulk_create([new], ignore_conflicts=True)
    elif known != found:
        _hold_restored(found)


@transaction.atomic
def hold(since: datetime) -> None:
    """Begin nothing until all that may have been sent ``since`` then is settled or released."""
    _hold(_locked(), HeldBecause.OPERATOR, since)


@transaction.atomic
def release() -> bool:
    """Let messages be begun again; False where nothing was held."""
    engine = _locked()
    if engine.held_since is None:
        return False
    engine.held_since, engine.held_because, engine.lost_since = None, "", None
    engine.save(update_fields=["held_since", "held_because", "lost_since"])
    return True


def take_turn(lasts: timedelta) -> bool:
    """True for one process, and for nobody else until ``lasts`` is over."""
    free = DeliveryEngine.objects.filter(look_at__lte=DATABASE_CLOCK)
    return bool(free.update(look_at=database_now() + lasts))


def give_turn_back() -> None:
    """Have the next look come at once."""
    DeliveryEngine.objects.update(look_at=database_now())


@transaction.atomic
def note_found(found: Found, cursor: UUID | None) -> None:
    """Keep what was found among some visits, and the last of them; None ends the round."""
    engine = _locked()
    so_far = Found.of(engine.round) + found
    engine.cursor = cursor
    engine.round = {} if cursor is None else asdict(so_far)
    if cursor is None:
        engine.last_round, engine.reconciled_at = asdict(so_far), database_now()
    engine.save(update_fields=["cursor", "round", "last_round", "reconciled_at"])
    note_repaired(found)


def note_repaired(found: Found) -> None:
    """Count what was planned again and withdrawn."""
    if found.planned or found.withdrawn:
        DeliveryEngine.objects.update(
            planned_total=F("planned_total") + found.planned,
            withdrawn_total=F("withdrawn_total") + found.withdrawn,
        )


@transaction.atomic
def _hold_restored(found: str) -> None:
    engine = _locked()
    if engine.fingerprint == found:
        return
    _hold(engine, HeldBecause.RESTORED, MessageAttempt.objects.aggregate(t=Max("tried_at"))["t"])
    engine.fingerprint = found
    engine.save(update_fields=["fingerprint"])


def _hold(engine: DeliveryEngine, because: HeldBecause, since: datetime | None) -> None:
    """The visits are looked at from the first one on, and at once; who was asked is asked anew."""
    Message.objects.filter(state="due", state_because=ASKED).update(state_because="")
    engine.held_since = engine.look_at = database_now()
    engine.held_because, engine.lost_since = because.value, since
    engine.cursor, engine.round, engine.reconciled_at = None, {}, None
    engine.save(
        update_fields=[
            "held_since", "look_at", "held_because", "lost_since", "cursor", "round",
            "reconciled_at",
        ]
    )  # fmt: skip


def _locked() -> DeliveryEngine:
    return DeliveryEngine.objects.select_for_update(no_key=True).get()
