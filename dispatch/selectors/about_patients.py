"""Everything that is held about one patient, found by the tables' own references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import BinaryField, Field, ForeignKey, Model

from dispatch.domain.tasks import TOLD_BY_PATIENTS
from dispatch.models import (
    AuditEntry,
    BrokenGlass,
    ContactConsent,
    Patient,
    SignIn,
    Stop,
    Task,
    User,
)
from dispatch.models.encrypted import blind_indexes

Kind = type[Model]

NOT_TOLD = ("_digest", "_index", "_token", "secret", "password", "p256dh", "auth", "endpoint",
            "idempotency_key", "changed_in", "is_superuser")  # fmt: skip
"""Ends of the names of columns that open doors, or that only our machinery reads. Bytes go nowhere,
whatever their column is called."""

WORDS_OF_STAFF: Mapping[Kind, tuple[str, ...]] = {
    BrokenGlass: ("reason", "finding"),
    Task: ("reason", "outcome"),
}
"""What staff write to one another while they work: not part of what patients take along."""


@dataclass(frozen=True, slots=True)
class Export:
    """Every row about a patient, by table; secrets and what only machines read are left out."""

    patient: UUID
    made_at: datetime
    tables: Mapping[str, list[dict[str, Any]]]


@cache
def references() -> Mapping[Kind, list[tuple[Kind, str]]]:
    """Return what leads from a row to rows about the same patient: model → (child, column).

    From ``Patient`` on, every table with a reference to one of those found is of the patient too.
    """
    models = list(apps.get_app_config("dispatch").get_models())
    found: dict[Kind, list[tuple[Kind, str]]] = {Patient: []}
    todo: list[Kind] = [Patient]
    for parent in todo:
        for child in models:
            for one in _references_to(parent, child):
                found[parent].append((child, one.attname))
                if child not in found:
                    found[child] = []
                    todo.append(child)
    return found


def export_of(patient: Patient, *, to_patient: bool, now: datetime) -> Export:
    """Return everything that is held about the patient; to them, without the words of staff."""
    rows = {kind: kind._default_manager.filter(pk__in=ids) for kind, ids in _ids(patient).items()}
    tables = {
        kind._meta.db_table: [
            _told(row, _of_staff(row) if to_patient else ()) for row in found.order_by("pk")
        ]
        for kind, found in rows.items()
    }
    return Export(patient.id, now, dict(sorted(tables.items())))


def _ids(patient: Patient) -> Mapping[Kind, set[UUID]]:
    """The ids of the rows by reference, and of those that name the patient without one."""
    found: dict[Kind, set[UUID]] = {kind: set() for kind in references()}
    fresh: dict[Kind, set[UUID]] = {Patient: {patient.id}}
    while fresh:
        found = {kind: ids | fresh.get(kind, set()) for kind, ids in found.items()}
        following: defaultdict[Kind, set[UUID]] = defaultdict(set)
        for parent, ids in fresh.items():
            for child, column in references()[parent]:
                rows = child._default_manager.filter(**{f"{column}__in": ids})
                following[child] |= set(rows.values_list("pk", flat=True)) - found[child]
        fresh = {kind: ids for kind, ids in following.items() if ids}
    return found | {kind: set(ids) for kind, ids in _named(patient)}


def _named(patient: Patient) -> Iterator[tuple[Kind, Any]]:
    """What belongs to the patient without a reference: consents, stops, the account, its trail."""
    companions = patient.companions.values_list("id", flat=True)
    people = [patient.id, *companions]
    yield (
        ContactConsent,
        ContactConsent.objects.filter(person_id__in=people).values_list("pk", flat=True),
    )
    named = (patient.phone, patient.email) if patient.phone_index else ()
    indexes = [one for address in filter(None, named) for one in blind_indexes(address)]
    yield Stop, Stop.objects.filter(address_index__in=indexes).values_list("pk", flat=True)
    yield AuditEntry, AuditEntry.objects.filter(subject_id=patient.id).values_list("pk", flat=True)
    if patient.user_id is not None:
        yield User, [patient.user_id]
        yield SignIn, SignIn.objects.filter(user_id=patient.user_id).values_list("pk", flat=True)


def _references_to(parent: Kind, child: Kind) -> Iterator[Field[Any, Any]]:
    for one in child._meta.concrete_fields:
        if isinstance(one, ForeignKey) and one.remote_field.model is parent:
            yield one


def _of_staff(row: Model) -> Sequence[str]:
    """The columns of a row that hold words of staff; what the patient told is the patient's."""
    if isinstance(row, Task) and row.kind in TOLD_BY_PATIENTS:
        return ("outcome",)
    return WORDS_OF_STAFF.get(type(row), ())


def _told(row: Model, kept_back: Sequence[str]) -> dict[str, Any]:
    columns = [one.attname for one in row._meta.concrete_fields if not isinstance(one, BinaryField)]
    told = [name for name in columns if not name.endswith(NOT_TOLD) and name not in kept_back]
    return {name: getattr(row, name) for name in told}
