"""Whose rows the code that follows may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


@contextmanager
def within(market_id: UUID) -> Iterator[None]:  # noqa: ARG001
    """The rows of one market."""
    yield


@contextmanager
def everywhere() -> Iterator[None]:
    """The rows of every market."""
    yield
