"""Give the application's role what it needs and no more; run by the owner after every migration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from dispatch.models import AuditEntry, FieldEvent, Series, Visit, VisitTransition

READ_ONLY = [VisitTransition._meta.db_table, "django_migrations"]
APPEND_ONLY = [AuditEntry._meta.db_table, FieldEvent._meta.db_table]
NEVER_DELETED = [Visit._meta.db_table, Series._meta.db_table]


class Command(BaseCommand):
    help = "Grant the application's role its rights on every table."

    def handle(self, *_: Any, **__: Any) -> None:
        role = settings.APPLICATION_ROLE
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            if cursor.fetchone()[0] == role:
                self.stderr.write(
                    "The owner and the application are one role: nothing to grant, and triggers "
                    "can be switched off. Set DATABASE_OWNER_URL to a role of its own."
                )
                return
            quoted = connection.ops.quote_name(role)
            database = connection.ops.quote_name(connection.settings_dict["NAME"])
            for statement in self.statements(quoted, database):
                cursor.execute(statement)

    def statements(self, role: str, database: str) -> list[str]:
        """Return the grants, widest first; the revocations that follow narrow them."""
        return [
            f"GRANT USAGE ON SCHEMA public TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
            f"REVOKE INSERT, UPDATE, DELETE ON {', '.join(READ_ONLY)} FROM {role}",
            f"REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM {role}",
            f"REVOKE DELETE ON {', '.join(NEVER_DELETED)} FROM {role}",
        ]
