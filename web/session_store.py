"""Django's sessions, kept in a table of ours: keys only as digests, contents encrypted.

A session is looked up before it is known whose it is, so in all markets.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError

from dispatch import tenancy
from dispatch.domain.sessions import SEEN_EVERY
from dispatch.models.clock import database_now
from dispatch.selectors.sessions import kept_session
from dispatch.services.sessions import begin_session, drop_session, keep_session, touch_session


class SessionStore(SessionBase):
    """``is_stale``: long enough not seen that a touch is worth a write."""

    is_stale = False

    @tenancy.everywhere()
    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and no key, for one that is over or unknown."""
        now = database_now()
        kept = None if self.session_key is None else kept_session(self.session_key, now=now)
        if kept is None:
            self._session_key = None
            return {}
        self.is_stale = now - kept.seen_at >= SEEN_EVERY
        held: dict[str, Any] = json.loads(kept.data)
        return held

    @tenancy.everywhere()
    def exists(self, session_key: str) -> bool:
        return kept_session(session_key, now=database_now()) is not None

    def create(self) -> None:
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        self.save(must_create=True)
        self.modified = True

    @tenancy.everywhere()
    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        if self.session_key is None:
            self.create()
            return
        write = begin_session if must_create else keep_session
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        user_id = UUID(data[SESSION_KEY]) if SESSION_KEY in data else None
        if not write(self.session_key, json.dumps(data), user_id, now=database_now()):
            raise CreateError if must_create else UpdateError

    @tenancy.everywhere()
    def touch(self) -> None:
        """Write down that somebody did something, if that was not written just before."""
        if self.is_stale and self.session_key is not None:
            touch_session(self.session_key, now=database_now())
            self.is_stale = False

    @tenancy.everywhere()
    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            drop_session(key)

    @classmethod
    def clear_expired(cls) -> None:
        """Sessions that are over go when the next one begins."""
