"""Raise the walls, then give the application's role what it needs and no more.

Run by the owner after every migration: until then nobody else has a right to a new table.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from dispatch.models import (
    Agreement,
    Answer,
    Assignment,
    AuditCheck,
    AuditEntry,
    AuditSeal,
    AuditUnsealed,
    BrokenGlass,
    Clearance,
    Consent,
    ContactConsent,
    CustodyEntry,
    CustodySignature,
    FieldEvent,
    GateOverride,
    GateOverrideEnd,
    HomeCheck,
    KitCheck,
    Order,
    PriceShown,
    Protocol,
    Questionnaire,
    Response,
    Score,
    Screening,
    Series,
    SignOff,
    Verification,
    VerificationCorrection,
    Vial,
    Visit,
    VisitTransition,
)
from dispatch.walls import Unwalled, Wall, walls

READ_ONLY = [VisitTransition._meta.db_table, "django_migrations"]
APPEND_ONLY = [
    kind._meta.db_table
    for kind in (
        Agreement,
        Answer,
        AuditCheck,
        AuditEntry,
        AuditSeal,
        CustodyEntry,
        CustodySignature,
        FieldEvent,
        GateOverride,
        GateOverrideEnd,
        HomeCheck,
        KitCheck,
        PriceShown,
        Response,
        Score,
        Screening,
        SignOff,
        Verification,
        VerificationCorrection,
        Vial,
    )
]
NEVER_DELETED = [
    kind._meta.db_table
    for kind in (
        Assignment,
        BrokenGlass,
        Clearance,
        Consent,
        ContactConsent,
        Order,
        Protocol,
        Questionnaire,
        Series,
        Visit,
    )
]
NEVER_CHANGED = [AuditUnsealed._meta.db_table]
"""What waits for its seal: added by a trigger, and taken away by whoever seals."""
ENDED_ONLY = {
    Assignment._meta.db_table: "until",
    BrokenGlass._meta.db_table: "ended_at, reviewed_at, reviewed_by_id, finding",
    Clearance._meta.db_table: "withdrawn_at",
    Consent._meta.db_table: "withdrawn_at",
    ContactConsent._meta.db_table: "withdrawn_at",
}
"""As they stand: all that may be written later is when they ended."""


STANDING_WALLS = """
    SELECT relname, obj_description(policy.oid, 'pg_policy')
      FROM pg_policy policy JOIN pg_class ON pg_class.oid = polrelid
     WHERE polname = 'wall' AND relrowsecurity AND relforcerowsecurity
"""
SKIPS_WALLS = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s"


class Command(BaseCommand):
    help = "Raise the walls around each market's rows; grant the application's role its rights."

    @transaction.atomic
    def handle(self, *_: Any, **__: Any) -> None:
        role = settings.APPLICATION_ROLE
        with connection.cursor() as cursor:
            self._raise_walls(cursor)
            cursor.execute(SKIPS_WALLS, [role])
            if cursor.fetchone()[0]:
                self.stderr.write(
                    f"PostgreSQL shows {role} the rows of all markets: it is a superuser's role "
                    "or one with BYPASSRLS. Connect the application by another one."
                )
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

    def _raise_walls(self, cursor: CursorWrapper) -> None:
        """Only where something is not as it should be, as it locks the whole table."""
        cursor.execute(STANDING_WALLS)
        standing = dict(cursor.fetchall())
        try:
            wanted = walls()
        except Unwalled as unknown:
            raise CommandError(str(unknown)) from unknown
        for wall in wanted:
            if standing.get(wall.table) != wall.text:
                for statement in _raised(wall):
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
            f"REVOKE UPDATE ON {', '.join(NEVER_CHANGED)} FROM {role}",
            *(f"REVOKE UPDATE ON {table} FROM {role}" for table in ENDED_ONLY),
            *(f"GRANT UPDATE ({name}) ON {table} TO {role}" for table, name in ENDED_ONLY.items()),
        ]


def _raised(wall: Wall) -> list[str]:
    """The comment tells the next run what the wall is made of."""
    told = wall.text.replace("'", "''")
    return [
        f"ALTER TABLE {wall.table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS wall ON {wall.table}",
        f"CREATE POLICY wall ON {wall.table} {wall.text}",
        f"COMMENT ON POLICY wall ON {wall.table} IS '{told}'",
    ]
