"""For whom the running code reads and writes: one market, or – where it says so – all of them.

PostgreSQL asks before it shows or takes a row of a person (see ``dispatch/walls.py``): it shows
those of the market named here, and none where nobody named one. The database connection tells it
at the start of every transaction (see ``config/walled``), so that no query has to. A thread begins
without a tenant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

NOBODY = ""
EVERYWHERE = "*"

_tenant: ContextVar[str] = ContextVar("tenant", default=NOBODY)


def tenant() -> str:
    """The market's id, ``EVERYWHERE``, or ``NOBODY`` where nobody said."""
    return _tenant.get()


@contextmanager
def within(market_id: UUID) -> Iterator[None]:
    """See and write the rows of one market only, whatever was said outside."""
    with _said(str(market_id)):
        yield


@contextmanager
def everywhere() -> Iterator[None]:
    """See and write all rows: for workers, commands, and whoever proves in another way who they
    are – with a password, a secret link, a signature – before it is known where they belong."""
    with _said(EVERYWHERE):
        yield


def kept(pieces: Iterable[T]) -> Iterator[T]:
    """Have what is made later, piece by piece, made for whom the running code is now."""
    return _kept(iter(pieces), tenant())


def _kept(pieces: Iterator[T], tenant: str) -> Iterator[T]:
    while True:
        with _said(tenant):
            try:
                piece = next(pieces)
            except StopIteration:
                return
        yield piece


@contextmanager
def _said(tenant: str) -> Iterator[None]:
    before = _tenant.set(tenant)
    try:
        yield
    finally:
        _tenant.reset(before)
