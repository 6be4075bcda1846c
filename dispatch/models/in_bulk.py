"""Many rows changed with one statement, each to values of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.db import connection
from django.db.models import Model


def update_rows(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Write these fields of all the rows, which are of one model and locked by the caller.

    The values go as one array a column: it costs a fifth of ``bulk_update``, which writes a CASE
    with a branch for each row and field.
    """
    if not rows:
        return
    known = {column.name: column for column in rows[0]._meta.concrete_fields}
    arrays = [
        [
            known[name].get_db_prep_save(getattr(row, known[name].attname), connection)
            for row in rows
        ]
        for name in ("id", *fields)
    ]
    with connection.cursor() as cursor:
        cursor.execute(update_statement(type(rows[0]), tuple(fields)), arrays)


@lru_cache(maxsize=16)
def update_statement(model: type[Model], fields: tuple[str, ...]) -> str:
    """Return the statement, which takes an array of ids and one for each field."""
    known = {column.name: column for column in model._meta.concrete_fields}
    columns = [known[name] for name in ("id", *fields)]
    types = [str(column.db_type(connection)).partition("(")[0] for column in columns]
    names = [connection.ops.quote_name(str(column.column)) for column in columns]
    return (
        f"UPDATE {connection.ops.quote_name(model._meta.db_table)} AS old"  # noqa: S608 - our names
        f" SET {', '.join(f'{name} = new.{name}' for name in names[1:])}"
        f" FROM unnest({', '.join(f'%s::{kind}[]' for kind in types)}) AS new ({', '.join(names)})"
        " WHERE old.id = new.id"
    )
