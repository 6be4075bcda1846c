"""Tells PostgreSQL for whom a transaction is, in front of its first statement.

It goes along with that statement, so it costs no round trip. It ends with the transaction: nothing
is left on the connection for whoever uses it next. A statement outside ``atomic`` is a transaction
of its own. See ``dispatch/tenancy.py`` for who says for whom, ``dispatch/walls.py`` for what
PostgreSQL then shows, and docs/decisions/0033.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from dispatch.tenancy import NOBODY, tenant

UNKNOWN = "?"
"""What holds after a part of a transaction was undone."""


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = NOBODY
        self.execute_wrappers.append(self._telling)

    def _telling(self, execute: Any, sql: str, *how: Any) -> Any:
        """Django has every statement go through here: see its `execute_wrappers`."""
        first = self._to_tell()
        if not first:
            return execute(sql, *how)
        answer = execute(f"{first}; {sql}", *how)
        *_, context = how
        context["cursor"].nextset()  # the first answer is to what was told
        return answer

    def _to_tell(self) -> str:
        """The statement to put in front, or nothing where the right thing is known already."""
        told, self.told = self.told, tenant()
        state = self.connection.pgconn.transaction_status
        if state == TransactionStatus.IDLE:
            told = NOBODY  # a new transaction
        if told == self.told or state == TransactionStatus.INERROR:
            return ""
        return f"SET LOCAL app.market TO {_quoted(self.told)}"

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # not in Django's stubs
        self.told = UNKNOWN


def _quoted(tenant: str) -> str:
    """Where nobody says, it is as the session began: nobody's in a process of the service."""
    return "DEFAULT" if tenant == NOBODY else f"'{tenant}'"
