"""Which gateway is real: read once from the settings."""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from dispatch.domain.channels import Channel
from dispatch.gateways.carriers import Carrier
from dispatch.gateways.telehealth import Telehealth


@lru_cache(maxsize=len(Channel))
def carrier(channel: Channel) -> Carrier:
    """Return who carries the messages of a channel, as ``CARRIERS`` names it."""
    made: Carrier = import_string(settings.CARRIERS[channel.value])()
    return made


@lru_cache(maxsize=1)
def telehealth() -> Telehealth:
    """Return the gateway that ``TELEHEALTH_GATEWAY`` names."""
    gateway: Telehealth = import_string(settings.TELEHEALTH_GATEWAY)()
    return gateway
