"""Addresses to which nothing may go, and those to which it may again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispatch.domain.channels import Channel
from dispatch.models import Stop
from dispatch.models.encrypted import blind_index


@transaction.atomic
def stop_address(channel: Channel, address: str, word: str, *, now: datetime) -> None:
    """Send nothing more to this address, whoever it belongs to."""
    stop = Stop(
        channel=channel.value, address_index=blind_index(address), word=word, stopped_at=now
    )
    Stop.objects.bulk_create([stop], ignore_conflicts=True)


@transaction.atomic
def start_address(channel: Channel, address: str, *, now: datetime) -> None:
    """Send to this address again."""
    stops = Stop.objects.filter(channel=channel.value, address_index=blind_index(address))
    stops.filter(started_at__isnull=True).update(started_at=now)
