"""PostgreSQL: under whose role, and how long anything may take."""

from typing import Any

from config.environment import env

MILLISECONDS_A_STATEMENT = 15_000
MILLISECONDS_FOR_A_LOCK = 10_000
MILLISECONDS_IDLE_IN_TRANSACTION = 60_000
TIME_LIMITS = (
    f"-c statement_timeout={MILLISECONDS_A_STATEMENT}"
    f" -c lock_timeout={MILLISECONDS_FOR_A_LOCK}"
    f" -c idle_in_transaction_session_timeout={MILLISECONDS_IDLE_IN_TRANSACTION}"
)
SEES_ALL = "-c app.market=*"
"""The owner of the tables, who moves rows of all markets about; see dispatch/walls.py."""


def _database() -> dict[str, Any]:
    """The application's role; the owner's for the commands that change tables (see manage.py)."""
    as_owner = env.bool("AS_OWNER", default=False)
    url = "DATABASE_OWNER_URL" if as_owner and "DATABASE_OWNER_URL" in env else "DATABASE_URL"
    database: dict[str, Any] = env.db_url(url)
    if database["ENGINE"] == "django.db.backends.postgresql":
        database["ENGINE"] = "config.walled"
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True
    database["DISABLE_SERVER_SIDE_CURSORS"] = True  # they are declared where nothing can be told
    options = SEES_ALL if as_owner else TIME_LIMITS
    database["OPTIONS"] = {"connect_timeout": 3, "options": options} | database.get("OPTIONS", {})
    return database


DATABASES = {"default": _database()}
APPLICATION_ROLE = env.db_url("DATABASE_URL").get("USER", "")
