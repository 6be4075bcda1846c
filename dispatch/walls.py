"""The second wall: whose rows PostgreSQL shows and takes, whatever the code above it asks for.

Every table is in one of four cases. Rows with a market are seen by that market; rows without one
that hang on such a row are seen with it; some tables are seen only by who says ``everywhere()``;
the rest hold nothing of a person, and ``OPEN`` says why. A table of which none of this can be said
stops `grant_application_role`, without which the application has no right to a new table: so none
can be forgotten. The condition holds for all statements, and (FORCE) for the owner too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

OPEN = {
    "audit_check": "when the audit trail was looked through",
    "audit_seal": "hashes over numbers of entries",
    "audit_unsealed": "numbers of entries",
    "auth_group": "names of groups, of which none is used",
    "auth_group_permissions": "no person",
    "auth_permission": "names of Django's own permissions",
    "carrier_line": "how a line to a provider stands",
    "delivery_engine": "one row on the engine itself",
    "django_content_type": "names of tables",
    "django_migrations": "names of migrations",
    "django_session": "signed ids under a random key; read before it is known whose it is",
    "known_address": "keyed digests of from where somebody signed in",
    "limit_count": "counts under keyed digests",
    "market": "the tenants themselves: their name and zone",
    "provider_receipt": "a provider's id and one word; ours is in message_attempt",
    "questionnaire": "questions, the same for all",
    "retention_run": "how far each rule of retention is",
    "socialaccount_socialapp": "the organisations' sign-in, of no person",
    "stop": "a keyed digest of an address, which is stopped in all markets alike",
    "visit_transition": "a copy of the state table",
}
"""Tables without a wall, and why they need none."""

EVERYWHERE_ONLY = {
    "axes_accessattempt": "who failed to sign in",
    "axes_accessattemptexpiration": "until when they are locked out",
    "axes_accessfailurelog": "who failed to sign in",
    "axes_accesslog": "who signed in",
    "local_message": "what the stand-in for a provider was given, which knows no market",
}
"""Tables of no market that only workers, commands and the sign-in itself see."""

SHARED = {"protocol"}
"""Tables of which rows that are no market's, as shipped protocols, are every market's to read."""

EVERYWHERE = "(SELECT current_setting('app.market', true) = '*')"
OWN = "market_id = (SELECT nullif(nullif(current_setting('app.market', true), ''), '*')::uuid)"
"""Looked up once a query, not once a row; a plain comparison, which an index can serve."""


class Unwalled(Exception):
    """Of a table it cannot be said whose its rows are."""


@dataclass(frozen=True)
class Wall:
    """Which rows of a table are seen, and which are written: two conditions in SQL."""

    table: str
    seen: str
    written: str

    @property
    def text(self) -> str:
        return f"USING ({self.seen}) WITH CHECK ({self.written})"


def walls() -> list[Wall]:
    """One for each table that needs one; Unwalled names those of which nothing can be said."""
    tables = [model for model in apps.get_models(include_auto_created=True) if not _is_open(model)]
    if unknown := [_table(model) for model in tables if not _seen(model)]:
        raise Unwalled(f"Whose are the rows of {', '.join(unknown)}? See dispatch/walls.py.")
    return [Wall(_table(model), _seen(model) + _shared(model), _seen(model)) for model in tables]


def _seen(model: type[models.Model]) -> str:
    """By the row's own market, or else by who sees the row that it hangs on."""
    if _table(model) in EVERYWHERE_ONLY:
        return EVERYWHERE
    fields = model._meta.concrete_fields
    if any(field.column == "market_id" for field in fields):
        return f"{EVERYWHERE} OR {OWN}"
    above = [one for one in fields if isinstance(one, models.ForeignKey) and _is_walled(one)]
    if not above:
        return ""
    link = min(above, key=lambda one: one.null)
    there, here = _table(link.related_model), f"{_table(model)}.{link.column}"
    key = f"{there}.{link.target_field.column}"
    return f"{EVERYWHERE} OR EXISTS (SELECT FROM {there} WHERE {key} = {here})"


def _shared(model: type[models.Model]) -> str:
    return " OR market_id IS NULL" if _table(model) in SHARED else ""


def _is_walled(link: models.ForeignKey[Any, Any]) -> bool:
    return not _is_open(link.related_model)


def _is_open(model: type[models.Model]) -> bool:
    return _table(model) in OPEN


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table
