"""allauth's second factors as we keep them: secrets encrypted, passkeys bound to our address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from dispatch.models import encrypted

if TYPE_CHECKING:
    from django.http import HttpRequest

    from dispatch.models import User

SERVICE = "Visiting nurse"
LOOPBACK = "127.0.0.1"  # browsers make passkeys for names alone
PROVEN = "mfa"
"""The method under which a session holds that a second factor was shown."""


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # comes without types
    def encrypt(self, text: str) -> str:
        return encrypted.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encrypted.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return SERVICE

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as an element of the page: it needs no address of its own."""
        import qrcode  # type: ignore[import-untyped]
        from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]

        image: str = qrcode.make(url, image_factory=SvgPathImage).to_string(encoding="unicode")
        return image

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys are for the host of PUBLIC_URL, whatever name a request came by."""
        host = urlsplit(settings.PUBLIC_URL).hostname or ""
        return {"id": "localhost" if host == LOOPBACK else host, "name": SERVICE}


def second_factor_of(user_id: UUID) -> str | None:
    """Return the kind of the user's second factor: ``totp`` before ``webauthn``, or None."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    held = Authenticator.objects.filter(user_id=user_id, type__in=kinds)
    kind: str | None = held.order_by("type").values_list("type", flat=True).first()
    return kind


def was_shown(request: HttpRequest, user: User) -> bool:
    """Whether the user showed a second factor in this session, to us or to the OIDC provider."""
    records = get_authentication_records(request, user)
    return any(record.get("method") == PROVEN for record in records)
