"""What the service keeps to itself; without it, or with what is easily guessed, nothing starts."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import env, is_known, key, keys, secret

SECRET_KEY = secret("SECRET_KEY", shortest=32)
FIELD_KEYS = keys("FIELD_KEYS")
"""Keys of the encrypted fields, each "id:32 bytes in base64"; the first encrypts, all decrypt."""
BLIND_INDEX_KEY = key("BLIND_INDEX_KEY", secret("BLIND_INDEX_KEY", shortest=32))
"""32 bytes in base64, under which encrypted fields can be found by their exact value."""
AUDIT_KEY = key("AUDIT_KEY", secret("AUDIT_KEY", shortest=32))
"""32 bytes in base64, with which the audit trail is signed; the database never has it."""
if len({BLIND_INDEX_KEY, AUDIT_KEY, *FIELD_KEYS.values()}) < len(FIELD_KEYS) + 2:
    raise ImproperlyConfigured(
        "A key of FIELD_KEYS, BLIND_INDEX_KEY and AUDIT_KEY stands twice: make another one."
    )

for _name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
    if is_known(urlsplit(env.str(_name, default="")).password or ""):
        raise ImproperlyConfigured(f"The password in {_name} is one that everybody knows.")
for _name in ("DATABASE_URL", "REDIS_URL"):
    secret(_name, shortest=1)
