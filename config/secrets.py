"""What the service keeps to itself; without it, or with what is easily guessed, nothing starts."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import env, is_known, keys, numbered_keys, secret

SECRET_KEY = secret("SECRET_KEY", shortest=32)
FIELD_KEYS = keys("FIELD_KEYS")
"""Keys of the encrypted fields, each "id:32 bytes in base64"; the first encrypts, all decrypt."""
BLIND_INDEX_KEYS = numbered_keys("BLIND_INDEX_KEY")
"""Keys under which encrypted fields can be found by their exact value, each "number:32 bytes in
base64"; a digest is made with one after another, up to the first of the list or, to look one up,
any."""
if missing := set(range(1, max(BLIND_INDEX_KEYS) + 1)) - BLIND_INDEX_KEYS.keys():
    raise ImproperlyConfigured(
        f"BLIND_INDEX_KEY: number {min(missing)} is missing; digests of those after it need it."
    )
AUDIT_KEYS = numbered_keys("AUDIT_KEY")
"""Keys with which the audit trail is signed, written as those above: the first signs, all verify.
The database never has them."""
_all = [*FIELD_KEYS.values(), *BLIND_INDEX_KEYS.values(), *AUDIT_KEYS.values()]
if len(set(_all)) < len(_all):
    raise ImproperlyConfigured(
        "A key of FIELD_KEYS, BLIND_INDEX_KEY and AUDIT_KEY stands twice: make another one."
    )

for _name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
    if is_known(urlsplit(env.str(_name, default="")).password or ""):
        raise ImproperlyConfigured(f"The password in {_name} is one that everybody knows.")
for _name in ("DATABASE_URL", "REDIS_URL"):
    secret(_name, shortest=1)
