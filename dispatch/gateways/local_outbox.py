"""The local outbox: stands in for every provider and keeps what it accepts for the screens."""

from __future__ import annotations

from dispatch.domain.channels import Channel, Outgoing
from dispatch.domain.ids import new_id
from dispatch.models import LocalMessage
from dispatch.models.clock import database_now


class LocalOutbox:
    """Accepts every message of a channel, one row a key."""

    name = "local"
    tells = False
    channel: Channel

    def send(self, outgoing: Outgoing) -> str:
        row = LocalMessage(
            id=new_id(),
            key=outgoing.key,
            channel=self.channel.value,
            recipient=outgoing.to,
            subject=outgoing.subject,
            body=outgoing.body,
            accepted_at=database_now(),
        )
        LocalMessage.objects.bulk_create([row], ignore_conflicts=True)
        return str(LocalMessage.objects.values_list("id", flat=True).get(key=outgoing.key))


class LocalTexts(LocalOutbox):
    channel = Channel.TEXT


class LocalEmails(LocalOutbox):
    channel = Channel.EMAIL


class LocalPushes(LocalOutbox):
    channel = Channel.PUSH
