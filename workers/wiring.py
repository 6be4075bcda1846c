"""Which gateway is real: read once from the settings."""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from dispatch.domain.channels import Channel
from dispatch.domain.errors import NotFound
from dispatch.gateways.carriers import Carrier
from dispatch.gateways.hooks import Hook
from dispatch.gateways.signed_hooks import ResendHook, StandardHook
from dispatch.gateways.telehealth import Telehealth
from dispatch.gateways.twilio_hook import TwilioHook

HOOKS: dict[Channel, tuple[Hook, ...]] = {
    Channel.TEXT: (TwilioHook(), StandardHook()),
    Channel.EMAIL: (ResendHook(),),
}
"""Who calls us about what was sent, and by which channel."""


@lru_cache(maxsize=len(Channel))
def carrier(channel: Channel) -> Carrier:
    """Return who carries the messages of a channel, as ``CARRIERS`` names it."""
    made: Carrier = import_string(settings.CARRIERS[channel.value])()
    return made


def hook(channel: Channel, provider: str) -> Hook:
    """Return who reads a provider's calls. Raises NotFound where its secret is not set, too."""
    for one in HOOKS[channel]:
        if one.name == provider and one.is_on:
            return one
    raise NotFound("provider")


@lru_cache(maxsize=1)
def telehealth() -> Telehealth:
    """Return the gateway that ``TELEHEALTH_GATEWAY`` names."""
    gateway: Telehealth = import_string(settings.TELEHEALTH_GATEWAY)()
    return gateway
