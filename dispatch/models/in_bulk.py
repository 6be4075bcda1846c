"""Many rows changed with one statement, each to values of its own."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model


def update_rows(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Write these fields of all the rows, which are of one model and locked by the caller.

    The values go as one array a column: it costs a fifth of ``bulk_update``, which writes a CASE
    with a branch for each row and field.
    """
    if not rows:
        return
    meta = rows[0]._meta
    known = {column.name: column for column in meta.concrete_fields}
    columns = [known[name] for name in ("id", *fields)]
    arrays = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for row in rows]
        for column in columns
    ]
    types = [str(column.db_type(connection)).partition("(")[0] for column in columns]
    names = [connection.ops.quote_name(str(column.column)) for column in columns]
    statement = (
        f"UPDATE {connection.ops.quote_name(meta.db_table)} AS old"  # noqa: S608 - names of ours
        f" SET {', '.join(f'{name} = new.{name}' for name in names[1:])}"
        f" FROM unnest({', '.join(f'%s::{kind}[]' for kind in types)}) AS new ({', '.join(names)})"
        " WHERE old.id = new.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, arrays)
