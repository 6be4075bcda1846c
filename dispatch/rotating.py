"""What stands under a key where, and how it comes under the current one, some rows at a time.

A batch is one transaction, which waits for nobody: a row that somebody writes just now is left for
the next pass. So writers lose nothing, no deadlock comes of it, and a run that is killed leaves
whole rows behind, of which the next run finds those that are still to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, Model

from dispatch.models.encrypted import (
    EncryptedText,
    Unreadable,
    decrypt,
    encrypt,
    mark,
    raised,
    writing_key,
)

AT_ONCE = 200
PASSES = 10
FIRST = UUID(int=0)
ALONE = " FOR NO KEY UPDATE SKIP LOCKED"


@dataclass(frozen=True, slots=True)
class Sealed:
    """One table and its encrypted columns."""

    table: str
    columns: tuple[str, ...]

    def place(self, column: str) -> str:
        return f"{self.table}.{column}"

    def mark(self, column: str) -> str:
        """What every value of a column begins with once it is under the current key."""
        return mark(current_key(), self.place(column))

    def again(self, column: str, stored: str) -> str:
        return encrypt(decrypt(stored, self.place(column)), self.place(column))


class Indexed(Sealed):
    """One table and its columns of keyed digests; what has none is empty."""

    __slots__ = ()

    def mark(self, column: str) -> str:  # noqa: ARG002 - a digest is bound to no place
        return "" if writing_key() == 1 else f"{writing_key()}:"

    def again(self, column: str, stored: str) -> str:  # noqa: ARG002
        return raised(stored, writing_key())


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows done, and the last one that was looked at; None at the end of the table."""

    rows: int
    last: UUID | None


def sealed_tables() -> list[Sealed]:
    """Return every table of every application that has an encrypted column."""
    return sorted(
        (
            Sealed(model._meta.db_table, columns)
            for model in apps.get_models()
            if (columns := _columns(model))
        ),
        key=lambda one: one.table,
    )


def indexed_tables() -> list[Indexed]:
    """Return every table that has a column of keyed digests, which are named ``…_index``."""
    return sorted(
        (
            Indexed(model._meta.db_table, columns)
            for model in apps.get_models()
            if (columns := _digests(model))
        ),
        key=lambda one: one.table,
    )


def current_key() -> str:
    first: str = next(iter(settings.FIELD_KEYS))
    return first


def rotate_batch(sealed: Sealed, after: UUID = FIRST, *, size: int = AT_ONCE) -> Batch:
    """Renew the next rows that are not under the current key, or not bound to their place.

    Raises Unreadable, which names table, column and row.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL dispatch.rotating = 'on'")
        cursor.execute(_next(sealed), [after, *_marks(sealed), size])
        rows = cursor.fetchall()
        if rows:
            new = [(row[0], *_again(sealed, row)) for row in rows]
            cursor.execute(_update(sealed), [list(values) for values in zip(*new, strict=True)])
    return Batch(len(rows), rows[-1][0] if len(rows) == size else None)


def rotated(sealed: Sealed, tell: Callable[[str], None]) -> Iterator[int]:
    """Renew a table, and yield how many rows each batch did; ``tell`` hears of them all.

    Rows that somebody was writing are left for the next pass, of which there are PASSES.
    """
    done = 0
    for _ in range(PASSES):
        after: UUID | None = FIRST if stale_rows(sealed) else None
        while after is not None:
            batch = rotate_batch(sealed, after)
            done, after = done + batch.rows, batch.last
            yield batch.rows
            if after is not None:
                tell(f"{sealed.table}: {done} rows …")


def stale_rows(sealed: Sealed) -> int:
    """Count the rows that a rotation still has to do."""
    return _count(sealed, _stale(sealed), _marks(sealed))


def rows_under(sealed: Sealed, key_id: str) -> int:
    """Count the rows in which something is encrypted under this key."""
    some = " OR ".join(f"starts_with({_quoted(name)}, %s)" for name in sealed.columns)
    return _count(sealed, some, [mark(key_id, "")] * len(sealed.columns))


def indexes_under(indexed: Indexed, number: int) -> int:
    """Count the rows in which a digest is under this key and none after it."""
    under = "starts_with({0}, %s)" if number > 1 else "{0} <> '' AND strpos({0}, %s) = 0"
    some = " OR ".join(under.format(_quoted(name)) for name in indexed.columns)
    begins = f"{number}:" if number > 1 else ":"
    return _count(indexed, some, [begins] * len(indexed.columns))


def _digests(model: type[Model]) -> tuple[str, ...]:
    fields = model._meta.local_concrete_fields
    columns = (str(one.column) for one in fields if isinstance(one, CharField))
    return tuple(column for column in columns if column.endswith("_index"))


def _columns(model: type[Model]) -> tuple[str, ...]:
    fields = model._meta.local_concrete_fields
    return tuple(str(one.column) for one in fields if isinstance(one, EncryptedText))


def _again(sealed: Sealed, row: tuple[Any, ...]) -> Iterator[str | None]:
    for column, stored in zip(sealed.columns, row[1:], strict=True):
        try:
            yield stored and sealed.again(column, stored)
        except Unreadable as fault:
            raise Unreadable(f"{sealed.place(column)} of row {row[0]}") from fault


def _stale(sealed: Sealed) -> str:
    old = "{0} <> '' AND NOT starts_with({0}, %s)"
    return " OR ".join(old.format(_quoted(name)) for name in sealed.columns)


def _marks(sealed: Sealed) -> list[str]:
    return [sealed.mark(name) for name in sealed.columns]


def _next(sealed: Sealed) -> str:
    names = ", ".join(map(_quoted, sealed.columns))
    return (
        f"SELECT id, {names} FROM {_quoted(sealed.table)}"  # noqa: S608 - our own names
        f" WHERE id > %s AND ({_stale(sealed)}) ORDER BY id LIMIT %s{ALONE}"
    )


def _update(sealed: Sealed) -> str:
    names = [_quoted(name) for name in sealed.columns]
    return (
        f"UPDATE {_quoted(sealed.table)} AS old"  # noqa: S608 - our own names
        f" SET {', '.join(f'{name} = new.{name}' for name in names)}"
        f" FROM unnest(%s::uuid[], {', '.join('%s::text[]' for _ in names)})"
        f" AS new (id, {', '.join(names)}) WHERE old.id = new.id"
    )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _count(sealed: Sealed, which: str, values: list[str]) -> int:
    with connection.cursor() as cursor:
        table = _quoted(sealed.table)
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {which}", values)  # noqa: S608
        count: int = cursor.fetchone()[0]
    return count
