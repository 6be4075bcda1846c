"""What a patient needs in the nurse: the protocol's certificates, and what the answers call for.

Nothing of an answer leaves here but the certificate that it calls for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dispatch.domain.protocol import Protocol
from dispatch.models import Screening


def skills_needed(patient_id: UUID, protocol: Protocol) -> frozenset[str]:
    """Return the certificates that the nurse must hold."""
    return Skills.of([patient_id]).needed(patient_id, protocol)


@dataclass(frozen=True, slots=True)
class Skills:
    """The same of many patients: their newest answers by patient and protocol."""

    _answers: Mapping[tuple[UUID, str], Mapping[str, Any]]

    @classmethod
    def of(cls, patient_ids: Iterable[UUID]) -> Skills:
        newest = (
            Screening.objects.filter(patient_id__in=set(patient_ids))
            .order_by("patient_id", "protocol__code", "-taken_at", "-id")
            .distinct("patient_id", "protocol__code")
        )
        rows = newest.values_list("patient_id", "protocol__code", "answers")
        return cls({(patient, code): json.loads(answers) for patient, code, answers in rows})

    def needed(self, patient_id: UUID, protocol: Protocol) -> frozenset[str]:
        return protocol.certificates_for(self._answers.get((patient_id, protocol.code), {}))
