"""Give the application's role what it needs and no more; run by the owner after every migration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from dispatch.models import (
    Agreement,
    Answer,
    Assignment,
    AuditEntry,
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

READ_ONLY = [VisitTransition._meta.db_table, "django_migrations"]
APPEND_ONLY = [
    kind._meta.db_table
    for kind in (
        Agreement,
        Answer,
        AuditEntry,
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
ENDED_ONLY = {
    Assignment._meta.db_table: "until",
    BrokenGlass._meta.db_table: "ended_at, reviewed_at, reviewed_by_id, finding",
    Clearance._meta.db_table: "withdrawn_at",
    Consent._meta.db_table: "withdrawn_at",
    ContactConsent._meta.db_table: "withdrawn_at",
}
"""As they stand: all that may be written later is when they ended."""


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
            *(f"REVOKE UPDATE ON {table} FROM {role}" for table in ENDED_ONLY),
            *(f"GRANT UPDATE ({name}) ON {table} TO {role}" for table, name in ENDED_ONLY.items()),
        ]
