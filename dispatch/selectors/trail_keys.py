"""Which keys a trail may be signed with, seal after seal: an old one counts until it is replaced.

Else whoever got hold of a key that was exchanged for that very reason could go on signing with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from dispatch.domain.trail import EPOCH, FIRST_KEY, HAND_OVER, Fault, Seal, Wrong
from dispatch.models import AuditSeal


@dataclass(slots=True)
class KeysOfTrail:
    """The newest key that a seal was signed with, and when it first was."""

    number: int = FIRST_KEY
    since: datetime = EPOCH
    missing: int | None = None

    def replaced(self, seal: Seal) -> None:
        """The seal was signed with a key that is newer than those before."""
        if seal.key > self.number:
            self.number, self.since = seal.key, seal.sealed_at

    def fault_of(self, seal: Seal) -> Fault | None:
        """What speaks against the key of a seal; of several that need a missing one, the first."""
        if seal.key not in settings.AUDIT_KEYS:
            told, self.missing = self.missing == seal.key, seal.key
            return None if told else Fault(Wrong.NO_KEY, seal.number, key=seal.key)
        if seal.key < self.number and not self._hands_over(seal):
            return Fault(Wrong.OLD_KEY, seal.number, key=seal.key)
        return None

    def of_entries(self, seal: Seal) -> tuple[bytes, ...]:
        """The keys with which the entries of a seal can be signed, the likeliest first."""
        if seal.key not in settings.AUDIT_KEYS:
            return ()
        keys = {
            number: key
            for number, key in settings.AUDIT_KEYS.items()
            if number >= self.number or self._hands_over(seal)
        }
        return tuple(keys[one] for one in sorted(keys, key=lambda one: (one != seal.key, one)))

    def _hands_over(self, seal: Seal) -> bool:
        return seal.sealed_at - self.since < HAND_OVER


def keys_at(seal: AuditSeal | None) -> KeysOfTrail:
    """The keys of a look that begins after a seal."""
    first = AuditSeal.objects.filter(key=seal.key).order_by("number").first() if seal else None
    return KeysOfTrail() if first is None else KeysOfTrail(first.key, first.sealed_at)
