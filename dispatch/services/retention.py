"""Deletes what has been kept for long enough, some rows at a time: see domain/retention.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, QuerySet

from dispatch.domain.retention import TERMS, Term
from dispatch.models import RetentionRun
from dispatch.models.clock import database_now

AT_ONCE = 500
EVERY = timedelta(days=1)


def term_of(term: Term) -> timedelta:
    """Return the installation's own term, where it has one."""
    terms: Mapping[str, timedelta] = settings.RETENTION_TERMS
    return terms.get(term.table, term.after)


def run_out(term: Term) -> QuerySet[Model]:
    """Return the rows that have been kept for long enough."""
    past = {f"{term.since}__lt": database_now() - term_of(term)}
    model: type[Model] = apps.get_model(term.table)
    return model._default_manager.filter(**term.where, **past)


def take_rule() -> Term | None:
    """Return a rule at which nobody has looked for a day, and which is the caller's now."""
    now = database_now()
    for term in TERMS:
        run, _ = RetentionRun.objects.get_or_create(rule=term.table, defaults={"due_at": now})
        mine = RetentionRun.objects.filter(id=run.id, due_at=run.due_at, due_at__lte=now)
        if run.due_at <= now and mine.update(due_at=now + EVERY, deleted_last=0):
            return term
    return None


@transaction.atomic
def forget_some(term: Term) -> int:
    """Delete the next rows, but for those that somebody holds just now; return how many."""
    rows = run_out(term)
    found = rows.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[:AT_ONCE])
    rows.model._default_manager.filter(pk__in=ids).delete()
    RetentionRun.objects.filter(rule=term.table).update(
        deleted_last=F("deleted_last") + len(ids), deleted_total=F("deleted_total") + len(ids)
    )
    return len(ids)


def counts() -> Mapping[str, int]:
    """Return how many rows of each table have been kept for long enough."""
    return {term.table: run_out(term).count() for term in TERMS}
