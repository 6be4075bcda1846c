"""Which gateway is real: read once from the settings."""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from dispatch.gateways.telehealth import Telehealth
from dispatch.gateways.texts import Texts


@lru_cache(maxsize=1)
def texts() -> Texts:
    """Return the gateway that ``TEXTS_GATEWAY`` names."""
    gateway: Texts = import_string(settings.TEXTS_GATEWAY)()
    return gateway


@lru_cache(maxsize=1)
def telehealth() -> Telehealth:
    """Return the gateway that ``TELEHEALTH_GATEWAY`` names."""
    gateway: Telehealth = import_string(settings.TELEHEALTH_GATEWAY)()
    return gateway
