"""Everything that is held about oneself, to take along."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Door, Instant
from dispatch.services.exports import export_patient


class ExportOut(serializers.Serializer[Any]):
    patient = serializers.UUIDField()
    made_at = Instant()
    tables = serializers.DictField(
        child=serializers.ListField(child=serializers.DictField()),
        help_text="Rows by table, each column by its name; secrets are left out, as is "
        "what staff wrote to one another.",
    )


class MyExport(Door):
    @extend_schema(operation_id="patients_me_export", responses=ExportOut)
    def get(self, request: Request) -> Response:
        """Everything that is held about oneself, in one document."""
        by = self.by(request)
        export = export_patient(None, by=by, now=self.now(by))
        document = {"patient": export.patient, "made_at": export.made_at, "tables": export.tables}
        headers = {"Content-Disposition": 'attachment; filename="patient.json"'}
        return Response(document, headers=headers)
