"""To what people agree who are sent messages, and what an address must be to be sent any."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import phonenumbers
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from dispatch.domain.channels import Language

TAKES_TEXTS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
"""In North America the two kinds cannot be told apart by the number."""
HTTPS = (None, 443)
PUSH_SECRET_BYTES = 16


class Agreement(StrEnum):
    """What somebody agrees to; the first three are for the channel of the same name."""

    TEXT = "text"
    EMAIL = "email"
    PUSH = "push"
    COMPANION_NAMED = "companion_named"
    NAMED_BY_TEXT = "named_by_text"


@dataclass(frozen=True, slots=True)
class ContactTerms:
    """The words of every agreement in one language; a new word makes a new version."""

    language: Language
    version: int
    texts: Mapping[Agreement, str]

    def wording(self, agreement: Agreement) -> str:
        """Return the name by which a consent keeps its words, e.g. ``text.es.1``."""
        return f"{agreement.value}.{self.language.value}.{self.version}"


def phone_number(text: str) -> str:
    """Return a number that takes texts, in E.164; without a country's code it is American.

    Raises ValueError with a sentence for whoever typed it.
    """
    try:
        number = phonenumbers.parse(text, "US")
    except NumberParseException as fault:
        raise ValueError("This is no phone number.") from fault
    if number.extension:
        raise ValueError("Leave the extension out: texts do not reach it.")
    if not phonenumbers.is_valid_number(number):
        raise ValueError("This is no phone number.")
    if phonenumbers.number_type(number) not in TAKES_TEXTS:
        raise ValueError("This number takes no texts.")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def check_push_keys(p256dh: str, auth: str) -> None:
    """Raise ValueError unless something can be encrypted for a browser with these keys."""
    point, secret = _unpadded(p256dh), _unpadded(auth)
    if len(secret) != PUSH_SECRET_BYTES:
        raise ValueError("The secret is not one of a browser.")
    EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def check_push_service(endpoint: str, services: Iterable[str]) -> None:
    """Raise ValueError unless the address is one of a push service that browsers use.

    Whoever subscribes names where we send: only hosts of this list, or below them, by HTTPS.
    """
    try:
        address = urlsplit(endpoint)
        host, port = (address.hostname or "").lower(), address.port
    except ValueError as fault:
        raise ValueError("This is no address.") from fault
    known = any(host == one or host.endswith(f".{one}") for one in services)
    if address.scheme != "https" or port not in HTTPS or address.username or not known:
        raise ValueError("This is no push service that we know.")
