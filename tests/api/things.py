"""Which rows are whose, told from the tables alone: what the role matrix judges by."""

from __future__ import annotations

import re
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from dispatch.models import AuditEntry, Market, Visit
from dispatch.models.row import MarketRow

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LOOKS = ("read", "denied")


def ids_in(text: str) -> list[str]:
    """Every id that a text names, each once, in the order in which they come."""
    return list(dict.fromkeys(ID.findall(text)))


def of_market(market: Market) -> frozenset[str]:
    """The id of every row of the market, and its own."""
    found = {str(market.id)}
    for table in _tables():
        found |= _ids(table, models.Q(market_id=market.id))
    return frozenset(found)


def of_patient(patient_id: UUID) -> frozenset[str]:
    """The id of every row that names the patient, or one of their visits, and their own."""
    found = {str(patient_id)}
    visits = Visit.objects.filter(patient_id=patient_id).values("id")
    for table in _tables():
        names = {one.name for one in table._meta.fields}
        if "patient" in names:
            found |= _ids(table, models.Q(patient_id=patient_id))
        if "visit" in names:
            found |= _ids(table, models.Q(visit_id__in=visits))
    return frozenset(found)


def writes() -> int:
    """How many rows this transaction has added, changed or removed, undone ones among them.

    That somebody was not let in is noted in the trail; anything else there counts.
    """
    noted = AuditEntry.objects.exclude(verb__in=LOOKS).count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
            " WHERE relname NOT IN ('audit_entry', 'audit_unsealed', 'limit_count')"
        )
        return int(cursor.fetchone()[0]) + noted


def _tables() -> list[type[models.Model]]:
    return [
        one for one in apps.get_app_config("dispatch").get_models() if issubclass(one, MarketRow)
    ]


def _ids(table: type[models.Model], where: models.Q) -> set[str]:
    return {str(one) for one in table._default_manager.filter(where).values_list("pk", flat=True)}
