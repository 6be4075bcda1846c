"""PostgreSQL: under whose role, and how long anything may take."""

from typing import Any

from config.environment import env

MILLISECONDS_A_STATEMENT = 15_000
MILLISECONDS_FOR_A_LOCK = 10_000
MILLISECONDS_IDLE_IN_TRANSACTION = 60_000


def _database() -> dict[str, Any]:
    """The application's role; the owner's for the commands that change tables (see manage.py)."""
    as_owner = env.bool("AS_OWNER", default=False)
    limits = (
        ""
        if as_owner
        else (
            f"-c statement_timeout={MILLISECONDS_A_STATEMENT}"
            f" -c lock_timeout={MILLISECONDS_FOR_A_LOCK}"
            f" -c idle_in_transaction_session_timeout={MILLISECONDS_IDLE_IN_TRANSACTION}"
        )
    )
    url = "DATABASE_OWNER_URL" if as_owner and "DATABASE_OWNER_URL" in env else "DATABASE_URL"
    database: dict[str, Any] = env.db_url(url)
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True
    database["OPTIONS"] = {"connect_timeout": 3, "options": limits} | database.get("OPTIONS", {})
    return database


DATABASES = {"default": _database()}
APPLICATION_ROLE = env.db_url("DATABASE_URL").get("USER", "")
