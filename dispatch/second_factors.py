"""The secrets of second factors, which allauth keeps in JSON: re-encrypted with everything else."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from dispatch.models.encrypted import Unreadable, decrypt, encrypt, mark
from dispatch.rotating import current_key


def rotate_second_factors() -> int:
    """Re-encrypt what is not under the current key; return how many rows that were."""
    return sum(map(_rotate, Authenticator.objects.values_list("pk", flat=True)))


def second_factors_under(key_id: str) -> int:
    """Count the rows in which something is encrypted under this key."""
    kept = Authenticator.objects.values_list("data", flat=True)
    return sum(_has(data, mark(key_id, "")) for data in kept)


@transaction.atomic
def _rotate(pk: int) -> bool:
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None or not any(_has(row.data, mark(one, "")) for one in _old_keys()):
        return False
    try:
        row.data = _again(row.data)
    except Unreadable as fault:
        raise Unreadable(f"{Authenticator._meta.db_table}.data of row {pk}") from fault
    row.save(update_fields=["data"])
    return True


def _old_keys() -> list[str]:
    return [one for one in settings.FIELD_KEYS if one != current_key()]


def _has(value: Any, beginning: str) -> bool:
    if isinstance(value, dict):
        return any(_has(one, beginning) for one in value.values())
    if isinstance(value, list):
        return any(_has(one, beginning) for one in value)
    return isinstance(value, str) and value.startswith(beginning)


def _again(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _again(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_again(one) for one in value]
    if any(_has(value, mark(one, "")) for one in _old_keys()):
        return encrypt(decrypt(value))
    return value
