"""A trail that cannot be sealed stops no work of care: the poll goes on, and says so."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from dispatch.models import AuditUnsealed, Hold
from tests.api.town import Town
from tests.builders import NOW
from tests.databases import Clone
from workers.poll import tick


def test_where_the_seals_are_broken_holds_are_cleared_all_the_same(
    fresh_database: Clone, caplog
) -> None:
    town = Town()
    assert town.hold
    town.set_clock(NOW + timedelta(days=1))
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("ALTER TABLE audit_seal RENAME TO broken")
    assert AuditUnsealed.objects.exists()
    try:
        tick()
    finally:
        with psycopg.connect(fresh_database.owner_url) as owner:
            owner.execute("ALTER TABLE broken RENAME TO audit_seal")
    assert not Hold.objects.exists()
    assert AuditUnsealed.objects.exists()
    assert "the audit trail cannot be sealed" in caplog.text
